import { Logger } from '@nestjs/common';
import { Claimer } from '../../src/delivery/claim.js';
import { Partitions } from '../../src/delivery/partitions.js';
import { AttemptRecorder } from '../../src/delivery/record-attempt.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { asOwner } from '../support/database.js';
import { attempted, endLease, logOf, madeAttempt, newDelivery } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { HandWorker } from '../support/hand-worker.js';
import { startReceiver } from '../support/receivers.js';

let database: TestDatabase;
/** Delivers nothing by itself. */
let onlooker: TestWorker;
let organisation: TestOrganisation;
let hand: HandWorker;
let owner: (sql: string) => Promise<void>;
const lines: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
  hand = new HandWorker(onlooker);
  owner = asOwner(database);
});
afterAll(async () => {
  Logger.overrideLogger(false);
  await onlooker?.close();
  await database?.drop();
});
beforeEach(async () => {
  await onlooker.pool.query('delete from due_attempt');
  organisation = await buildOrganisation(onlooker, 'http://127.0.0.1:9/');
  lines.length = 0;
  listen();
});

describe('the log of a worker', () => {
  it('has a line for each attempt', async () => {
    const id = await newDelivery(onlooker, organisation);
    const claim = await hand.claim(id);
    await onlooker.context.get(AttemptRecorder).record({
      ...madeAttempt(claim, { succeeded: false }),
      outcome: 'timeout',
      responseCode: null,
      durationMs: 15_004,
      waitSeconds: 0,
    });
    await hand.claim(id);
    await hand.succeed(id);

    const about = `delivery.attempted webhookId=${webhookIdOf(id)}`;
    expect(lines).toEqual([
      `debug ${about} number=1 kind=automatic outcome=timeout code=- durationMs=15004`,
      `debug ${about} number=2 kind=automatic outcome=succeeded code=200 durationMs=1`,
    ]);
  });

  it('tells of an attempt whose worker died, and of a result that came too late', async () => {
    const id = await newDelivery(onlooker, organisation);
    const zombie = await hand.claim(id);
    await hand.die(id);
    await hand.record(zombie, { succeeded: true });

    const webhookId = webhookIdOf(id);
    expect(lines).toEqual([
      `warn delivery.interrupted webhookId=${webhookId} number=1 kind=automatic inARow=1`,
      `warn delivery.late webhookId=${webhookId} number=1: the lease had run out, so this result changes nothing.`,
    ]);
  });

  it('names an attempt that the database refuses', async () => {
    const id = await newDelivery(onlooker, organisation);
    const claim = await hand.claim(id);
    await onlooker.pool.query(
      `insert into attempt (delivery_id, number, organisation_id, manual, outcome, message, started_at, duration_ms)
       values ($1, 1, 1, false, 'rejected', 'There by a fault.', now(), 1)`,
      [id],
    );
    await hand.record(claim, { succeeded: true });

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      new RegExp(
        `^error Attempt 1 of ${webhookIdOf(id)} was refused by the database, so that the log will call it ` +
          'interrupted: duplicate key value',
      ),
    );
    await endLease(onlooker, id);
    await hand.rescue();
  });
});

describe('a database that cannot take a result', () => {
  afterEach(() => owner('alter table if exists away rename to attempt'));

  it('is asked again until it can', async () => {
    const id = await newDelivery(onlooker, organisation);
    const claim = await hand.claim(id);
    await owner('alter table attempt rename to away');
    const recorded = hand.record(claim, { succeeded: true });
    await eventually(() => lines.length >= 2);
    await owner('alter table away rename to attempt');
    await recorded;

    expect(await logOf(onlooker, id)).toEqual(['1 succeeded']);
    expect(lines.slice(0, 2)).toEqual(
      Array(2).fill('warn Recording 1 attempts failed, trying again: relation "attempt" does not exist'),
    );
  });

  it('is asked no more for what has long lost its lease, and goes on with the rest', async () => {
    const lost = await newDelivery(onlooker, organisation);
    const kept = await newDelivery(onlooker, organisation);
    const { claims } = await onlooker.context.get(Claimer).claim(10);
    await owner('alter table attempt rename to away');
    const recorded = claims.map((claim) =>
      hand.record(claim.deliveryId === lost ? { ...claim, leaseEndsAt: performance.now() - 10_001 } : claim, {
        succeeded: true,
      }),
    );
    await eventually(() => lines.length >= 2);
    await owner('alter table away rename to attempt');
    await Promise.all(recorded);

    expect(lines.slice(0, 2)).toEqual([
      'error 1 attempts could not be recorded: relation "attempt" does not exist',
      'warn Recording 1 attempts failed, trying again: relation "attempt" does not exist',
    ]);
    expect(await logOf(onlooker, kept)).toEqual(['1 succeeded']);
    expect(await logOf(onlooker, lost)).toEqual([]);
    await endLease(onlooker, lost);
    expect(await hand.rescue()).toEqual([lost]);
  });
});

describe('the partitions of the months ahead', () => {
  it('are made where they are missing, and there is a line for it', async () => {
    const partitions = onlooker.context.get(Partitions);
    await partitions.makeAhead();
    expect(lines).toEqual([]);
    const { rows } = await onlooker.pool.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'attempt'::regclass
        order by 1 desc limit 1`,
    );
    await owner(`drop table ${rows[0]!.name}`);
    await partitions.makeAhead();
    expect(lines).toEqual(['log Made 1 monthly partitions.']);
  });

  it('that cannot be made stop nothing', async () => {
    await owner('alter function create_month_partitions rename to away_function');
    await onlooker.context.get(Partitions).makeAhead();
    await owner('alter function away_function rename to create_month_partitions');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^error Monthly partitions could not be made: function create_month_partitions/);
  });
});

describe('the delivery loop', () => {
  it('goes on after an error, and tells of it', async () => {
    const receiver = await startReceiver();
    const worker = await startWorker(database);
    listen();
    try {
      await owner('alter table event_pending rename to away_pending');
      await eventually(() => lines.some((line) => line.includes('goes on')));
      await owner('alter table away_pending rename to event_pending');
      const healthy = await buildOrganisation(onlooker, receiver.url());
      await attempted(worker, await newDelivery(worker, healthy), 1);
    } finally {
      await worker.close();
      await receiver.close();
    }
    expect(lines).toContain('error The delivery loop goes on after an error: relation "event_pending" does not exist');
  });
});

/** Starting a worker silences the log of the whole process. */
function listen(): void {
  Logger.overrideLogger({ error: at('error'), warn: at('warn'), log: at('log'), debug: at('debug') });
}

function at(level: string): (message: string) => void {
  return (message) => void lines.push(`${level} ${message}`);
}
