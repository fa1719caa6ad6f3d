import { DeliveryLoop } from '../../src/delivery/delivery-loop.js';
import { Dispatcher } from '../../src/delivery/dispatch.js';
import { Preparer } from '../../src/delivery/prepare.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { asOwner } from '../support/database.js';
import { newDelivery } from '../support/deliveries.js';
import { answer, buildInvitation, buildOrganisation } from '../support/factories.js';
import { HandWorker } from '../support/hand-worker.js';
import { openTransaction, waitingForALock } from '../support/locks.js';

let database: TestDatabase;
/** Delivers nothing by itself. */
let onlooker: TestWorker;
let preparer: Preparer;

beforeAll(async () => {
  database = await createTestDatabase();
  // As in production; other tests wait for no disk.
  await asOwner(database)(`alter database ${new URL(database.appUrl).pathname.slice(1)} set synchronous_commit = on`);
  onlooker = await startWorker(database, { PROCESS: 'web' });
  preparer = onlooker.context.get(Preparer);
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});

describe('a request that two workers render at the same moment', () => {
  it('is what the first one kept', async () => {
    const organisation = await buildOrganisation(onlooker, 'http://127.0.0.1:9/');
    const hand = new HandWorker(onlooker);
    const id = await newDelivery(onlooker, organisation);
    const claim = await hand.claim(id);
    const otherWorker = await openTransaction(onlooker);
    await otherWorker.query(
      `insert into delivery_request (delivery_id, organisation_id, content_type, body) values ($1, $2, $3, $4)`,
      [id, organisation.organisation.id, 'text/plain', 'rendered by another'],
    );

    const preparing = preparer.prepare([claim]);
    await waitingForALock(onlooker);
    await otherWorker.commit();

    const kept = { claim, request: { contentType: 'text/plain', body: Buffer.from('rendered by another') } };
    expect(await preparing).toMatchObject([kept]);
    expect(await preparer.prepare([claim])).toMatchObject([kept]);
    await hand.succeed(id);
  });

  it('is each delivery’s own, whoever was first with it', async () => {
    const organisation = await buildOrganisation(onlooker, 'http://127.0.0.1:9/');
    const hand = new HandWorker(onlooker);
    const first = await newDelivery(onlooker, organisation);
    const claims = [await hand.claim(first)];
    const second = await newDelivery(onlooker, organisation);
    claims.push(await hand.claim(second));
    const otherWorker = await openTransaction(onlooker);
    await otherWorker.query(
      `insert into delivery_request (delivery_id, organisation_id, content_type, body) values ($1, $2, $3, $4)`,
      [second, organisation.organisation.id, 'text/plain', 'rendered by another'],
    );

    const preparing = preparer.prepare(claims);
    await waitingForALock(onlooker);
    await otherWorker.commit();

    const prepared = await preparing;
    expect(prepared.map(({ claim }) => claim)).toEqual(claims);
    expect(prepared[0]!.request).toMatchObject({ contentType: 'application/json; charset=utf-8' });
    expect(prepared[1]!.request).toEqual({ contentType: 'text/plain', body: Buffer.from('rendered by another') });
  });
});

describe('a request that was kept and never sent', () => {
  it('is sent, even where it could not be rendered any more', async () => {
    const organisation = await buildOrganisation(onlooker, 'http://127.0.0.1:9/');
    const hand = new HandWorker(onlooker);
    const id = await newDelivery(onlooker, organisation);
    await preparer.prepare([await hand.claim(id)]);
    await hand.handBack(id);
    const { rows } = await onlooker.pool.query<{ body: string }>(
      'select body from delivery_request where delivery_id = $1',
      [id],
    );
    await onlooker.pool.query(
      `update webhook set request = jsonb_set(request, '{body,name}', '"gone"'), version = version + 1 where id = $1`,
      [organisation.webhook.id],
    );

    const claim = await hand.claim(id);

    expect(claim.number).toBe(1);
    expect(await preparer.prepare([claim])).toMatchObject([{ claim, request: { body: Buffer.from(rows[0]!.body) } }]);
    await hand.succeed(id);
  });
});

describe('a request that may be sent', () => {
  it('is on the disk, and with it the delivery whose commit nobody waited for', async () => {
    const { survey } = await buildOrganisation(onlooker, 'http://127.0.0.1:9/');
    // Now and then PostgreSQL writes to the disk what nobody waits for; so rarely that not each of ten can be that.
    for (let times = 0; times < 10; times += 1) {
      await answer(onlooker, survey, await buildInvitation(onlooker, survey));
      const { claims } = await onlooker.context.get(Dispatcher).dispatch({ slots: 1, allowed: unlimited });
      const dispatched = await walPosition('pg_current_wal_insert_lsn');

      expect(await preparer.prepare(claims)).toHaveLength(1);

      expect(await walPosition('pg_current_wal_flush_lsn')).toBeGreaterThan(dispatched);
    }
  });
});

describe('the delivery loop', () => {
  it('counts as alive in a process that delivers and comes round, and in one that does not deliver', async () => {
    expect(onlooker.context.get(DeliveryLoop).isAlive).toBe(true);
    const worker = await startWorker(database);
    try {
      expect(worker.context.get(DeliveryLoop).isAlive).toBe(true);
    } finally {
      await worker.close();
    }
  });
});

const unlimited = { webhookIds: [], calls: [], others: 10 };

/** How many bytes PostgreSQL's log had, ever, when it was as long as what this function tells of. */
async function walPosition(lsn: 'pg_current_wal_insert_lsn' | 'pg_current_wal_flush_lsn'): Promise<number> {
  const { rows } = await onlooker.pool.query<{ bytes: string }>(`select ${lsn}() - '0/0'::pg_lsn as bytes`);
  return Number(rows[0]!.bytes);
}
