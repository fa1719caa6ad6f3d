import { once } from 'node:events';
import { Client } from 'pg';
import { Keyring } from '../../src/config/keyring.js';
import { encryptSecret } from '../../src/database/encryption.js';
import { DeliveryLoop } from '../../src/delivery/delivery-loop.js';
import { signingSecretLocation } from '../../src/webhooks/secret-locations.js';
import { SigningSecret, Webhook } from '../../src/webhooks/webhook.entity.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import {
  attempted,
  attemptsOf,
  comeDue,
  deliveryOf,
  dueOf,
  endLease,
  holding,
  logOf,
  newDelivery,
  newTestDelivery,
} from '../support/deliveries.js';
import { asOwner } from '../support/database.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { eventually } from '../support/eventually.js';
import { HandWorker } from '../support/hand-worker.js';
import { openTransaction, waitingForALock } from '../support/locks.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';

let database: TestDatabase;
/** Looks on; delivers nothing by itself. */
let onlooker: TestWorker;
let receiver: Receiver;
let organisation: TestOrganisation;
const started: TestWorker[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});
beforeEach(async () => {
  receiver = await startReceiver();
  organisation = await buildOrganisation(onlooker, receiver.url('/hook'));
});
afterEach(async () => {
  receiver.cut();
  await Promise.all(started.splice(0).map((worker) => worker.close()));
  await onlooker.pool.query('delete from due_attempt');
  await receiver.close();
});

describe('two workers', () => {
  it('deliver what comes in once, whoever of them takes it', async () => {
    const workers = [await start(), await start()];
    const invitations = [];
    for (let index = 0; index < 40; index += 1) {
      invitations.push(await buildInvitation(onlooker, organisation.survey));
    }

    await Promise.all(
      invitations.map((invitation, index) => answer(workers[index % 2]!, organisation.survey, invitation)),
    );
    await receiver.received(40, 10_000);
    await eventually(async () => (await onlooker.pool.query('select from due_attempt')).rowCount === 0);

    expect(receiver.requests).toHaveLength(40);
    expect(new Set(receiver.requests.map((request) => request.headers['webhook-id'])).size).toBe(40);
  });

  it('tell each other of work: what one process takes in, another delivers', async () => {
    await start();
    const invitation = await buildInvitation(onlooker, organisation.survey);
    const listener = new Client({ connectionString: database.appUrl });
    await listener.connect();
    try {
      await listener.query('listen answerback_work');
      const told = once(listener, 'notification');

      await answer(onlooker, organisation.survey, invitation);

      await told;
      await receiver.received(1);
    } finally {
      await listener.end();
    }
  });
});

describe('a receiver that hangs', () => {
  it('does not hold up another webhook', async () => {
    const hanging = await startReceiver({ answer: answers.hang() });
    try {
      const slow = await buildOrganisation(onlooker, hanging.url());
      for (let index = 0; index < 20; index += 1) {
        await newDelivery(onlooker, slow);
      }
      const worker = await start();
      // So many calls at once a webhook gets that nothing is known of.
      await hanging.received(4);

      const id = await newDelivery(worker, organisation);
      await attempted(worker, id, 1);

      expect(await deliveryOf(worker, id)).toMatchObject({ status: 'succeeded' });
      expect(hanging.requests).toHaveLength(4);
    } finally {
      await hanging.close();
    }
  });
});

describe('a worker that is told to stop', () => {
  it('lets the calls under way end, and records them', async () => {
    const held = holding(200);
    receiver.answer = held.answer;
    const worker = await start();
    const id = await newDelivery(worker, organisation);
    await receiver.received(1);

    const stopped = worker.context.get(DeliveryLoop).beforeApplicationShutdown();
    const later = await newDelivery(onlooker, organisation);
    expect(await Promise.race([stopped, Promise.resolve('waiting')])).toBe('waiting');
    const closed = worker.close();
    held.letGo();
    await Promise.all([stopped, closed]);

    expect(await logOf(onlooker, id)).toEqual(['1 succeeded']);
    expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'succeeded' });
    expect(await dueOf(onlooker, later)).toMatchObject([{ number: 1, claimed: false }]);
    expect(receiver.requests).toHaveLength(1);
  });

  it('hands back uncounted what it has claimed and not begun', async () => {
    const id = await newDelivery(onlooker, organisation);
    // What is rendered is kept before it is sent: there the worker is made to wait.
    const inTheWay = await openTransaction(onlooker);
    await inTheWay.query('lock table delivery_request in exclusive mode');
    const worker = await start();
    await waitingForALock(onlooker);
    expect(await dueOf(onlooker, id)).toMatchObject([{ claimed: true }]);

    const stopped = worker.context.get(DeliveryLoop).beforeApplicationShutdown();
    await inTheWay.commit();
    await stopped;

    expect(await dueOf(onlooker, id)).toMatchObject([
      { number: 1, spent: 0, interruptions: 0, claimed: false, claimed_until: null },
    ]);
    expect(await attemptsOf(onlooker, id)).toEqual([]);
    expect(receiver.requests).toEqual([]);
    await start();
    await attempted(onlooker, id, 1);
    expect(await logOf(onlooker, id)).toEqual(['1 succeeded']);
  });
});

describe('a worker', () => {
  it('hands back what it cannot prepare, uncounted, and goes on when it can', async () => {
    const owner = asOwner(database);
    // A sequence counts what is tried, also what is rolled back.
    await owner('create sequence tries');
    await owner(`alter table delivery_request add constraint in_the_way check (nextval('tries') < 0) not valid`);
    const id = await newDelivery(onlooker, organisation);
    await start();
    await eventually(async () => (await onlooker.pool.query('select from tries where is_called')).rowCount);
    await owner('alter table delivery_request drop constraint in_the_way');

    await attempted(onlooker, id, 1);
    expect(await logOf(onlooker, id)).toEqual(['1 succeeded']);
    expect(await deliveryOf(onlooker, id)).toMatchObject({ automatic_attempts: 1, interrupted_attempts: 0 });
  });

  it('takes over by itself from another that died', async () => {
    const id = await newDelivery(onlooker, organisation);
    await new HandWorker(onlooker).claim(id);
    await endLease(onlooker, id);
    await start();
    await attempted(onlooker, id, 2);
    expect(await logOf(onlooker, id)).toEqual(['1 interrupted', '2 succeeded']);
  });
});

describe('a test delivery', () => {
  it('is of a sample that the webhook’s own conditions let through, and its event is no response’s', async () => {
    await onlooker.pool.query(`update webhook set trigger = jsonb_set(trigger, '{conditions}', $2) where id = $1`, [
      organisation.webhook.id,
      JSON.stringify([
        { field: 'ticketId', operator: 'equals', value: 'INC-OF-THE-CONDITION' },
        { field: 'agentId', operator: 'not_equals', value: 'somebody.else' },
      ]),
    ]);
    const webhook = await onlooker.orm.em.fork().findOneOrFail(Webhook, organisation.webhook.id);
    await start();
    const id = await newTestDelivery(onlooker, webhook);
    await receiver.received(1);

    expect(JSON.parse(receiver.requests[0]!.body.toString())).toMatchObject({
      Ticket_ID: 'INC-OF-THE-CONDITION',
      Agent_ID: 'adam.agent',
    });
    expect(await deliveryOf(onlooker, id)).toMatchObject({ test: true, record_id: 0 });
    const { rows } = await onlooker.pool.query(
      'select type from event where id in (select event_id from delivery_event where delivery_id = $1)',
      [id],
    );
    expect(rows).toEqual([{ type: 'webhook.tested' }]);
  });
});

describe('a request that cannot be rendered', () => {
  it('is an attempt that sends nothing, and the next one renders again', async () => {
    const worker = await start();
    await setSerialisation('no_such_body');
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);

    expect(await attemptsOf(worker, id)).toMatchObject([
      {
        outcome: 'rendering_failed',
        message: 'A response has no serialisation named "no_such_body".',
        response_code: null,
      },
    ]);
    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'in_progress', automatic_attempts: 1 });
    expect(receiver.requests).toEqual([]);

    await setSerialisation('survey_payload');
    await comeDue(worker, id);
    await attempted(worker, id, 2);
    expect(await logOf(worker, id)).toEqual(['1 rendering_failed', '2 succeeded']);
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('a secret that cannot be read', () => {
  it.each([
    ['is under a key that nobody has', `k9:${Buffer.alloc(32, 1).toString('base64')}`],
    ['is under another key of the same id', `k1:${Buffer.alloc(32, 1).toString('base64')}`],
  ])('fails its own webhook’s attempts when it %s, and no other’s', async (_case, key) => {
    const worker = await start();
    const other = await buildOrganisation(worker, receiver.url('/other'));
    await writeSigningSecret(Keyring.parse(key));
    const id = await newDelivery(worker, organisation);
    const healthy = await newDelivery(worker, other);
    await attempted(worker, id, 1);
    await attempted(worker, healthy, 1);

    expect(await logOf(worker, id)).toEqual(['1 authorization_failed']);
    expect((await attemptsOf(worker, id))[0]!.message).toMatch(
      /^The secret in signing_secret\.secret_encrypted of row /,
    );
    expect(await logOf(worker, healthy)).toEqual(['1 succeeded']);
    expect(receiver.requests.map((request) => request.path)).toEqual(['/other']);

    await writeSigningSecret(worker.context.get(Keyring));
    await comeDue(worker, id);
    await attempted(worker, id, 2);
    expect(await logOf(worker, id)).toEqual(['1 authorization_failed', '2 succeeded']);
  });
});

async function start(): Promise<TestWorker> {
  const worker = await startWorker(database);
  // Closing twice does no harm: a test that closes it is about that.
  let closed: Promise<void> | undefined;
  const closable = { ...worker, close: () => (closed ??= worker.close()) };
  started.push(closable);
  return closable;
}

async function setSerialisation(name: string): Promise<void> {
  await onlooker.orm.em.fork().transactional(async (em) => {
    const webhook = await em.findOneOrFail(Webhook, organisation.webhook.id);
    webhook.request = { ...webhook.request, body: { kind: 'serialisation', name } };
  });
}

async function writeSigningSecret(keyring: Keyring): Promise<void> {
  await onlooker.orm.em.fork().transactional(async (em) => {
    const secret = await em.findOneOrFail(SigningSecret, { webhookId: organisation.webhook.id });
    const location = signingSecretLocation(secret.organisationId, secret.id);
    secret.secretEncrypted = encryptSecret(keyring, `whsec_${Buffer.alloc(32, 3).toString('base64')}`, location);
  });
}
