import { Claimer, type Claim, type Grant } from '../../src/delivery/claim.js';
import { Dispatcher, type Dispatched } from '../../src/delivery/dispatch.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { deliveriesAbout, dueOf, logOf, newDelivery, newResponse, openCircuit } from '../support/deliveries.js';
import { buildApiWebhook, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { HandWorker } from '../support/hand-worker.js';

let database: TestDatabase;
/** Delivers nothing by itself. */
let onlooker: TestWorker;
let hand: HandWorker;
let organisation: TestOrganisation;

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
  hand = new HandWorker(onlooker);
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});
beforeEach(async () => {
  await onlooker.pool.query('delete from due_attempt');
  organisation = await buildOrganisation(onlooker, 'http://127.0.0.1:9/');
});

it('a delivery that is claimed as it is made is claimed as by any claim, and its result counts', async () => {
  const [id] = await afterAnswers(1);
  const { claims } = await dispatch();

  expect(claims).toMatchObject([{ deliveryId: await id!(), kind: 'automatic', number: 1, spent: 0 }]);
  expect(claims[0]).toMatchObject({ organisationId: organisation.organisation.id, webhookId: organisation.webhook.id });
  const [claim] = claims as [Claim];
  expect(claim.leaseEndsAt - claim.leasedAt).toBeCloseTo(30_000);
  const { rows } = await onlooker.pool.query(
    `select claim_id, extract(epoch from claimed_until - claimed_at)::float as lease, webhook.version
       from due_attempt join webhook on webhook.id = webhook_id where delivery_id = $1`,
    [claim.deliveryId],
  );
  expect(rows).toEqual([{ claim_id: claim.claimId, lease: expect.closeTo(30, 1), version: claim.webhookVersion }]);
  expect((await onlooker.context.get(Claimer).claim(10)).claims).toEqual([]);

  await hand.record(claim, { succeeded: true });
  expect(await logOf(onlooker, claim.deliveryId)).toEqual(['1 succeeded']);
  expect(await dueOf(onlooker, claim.deliveryId)).toEqual([]);
});

it('nothing is claimed where nothing is granted', async () => {
  await afterAnswers(1);

  expect(await onlooker.context.get(Dispatcher).dispatch()).toMatchObject({ claims: [], leftUnclaimed: true });
  expect((await onlooker.context.get(Claimer).claim(10)).claims).toHaveLength(1);
});

describe('as many are claimed as', () => {
  it('the webhook may have at once, those under way counted, and the oldest first', async () => {
    await limit(3);
    const busy = await newDelivery(onlooker, organisation);
    await hand.claim(busy);
    const ids = await afterAnswers(4);

    const { claims, leftUnclaimed } = await dispatch();

    expect(idsOf(claims)).toEqual([await ids[0]!(), await ids[1]!()]);
    expect(leftUnclaimed).toBe(true);
  });

  it('its pace allows', async () => {
    await afterAnswers(4);
    const { webhook } = organisation;

    const granted = { slots: 10, allowed: { webhookIds: [webhook.id], calls: [1], others: 3 } };
    expect((await dispatch(granted)).claims).toHaveLength(1);
    await afterAnswers(4);
    const unknown = { slots: 10, allowed: { webhookIds: [webhook.id + 1], calls: [1], others: 3 } };
    expect((await dispatch(unknown)).claims).toHaveLength(3);
  });

  it('there are slots, dealt out over the webhooks', async () => {
    const other = await buildApiWebhook(onlooker, organisation, 'http://127.0.0.1:9/other', {});
    await afterAnswers(3);

    const { claims } = await dispatch({ slots: 4, allowed: { webhookIds: [], calls: [], others: 10 } });

    expect(claims.map(({ webhookId }) => webhookId).toSorted((a, b) => a - b)).toEqual([
      organisation.webhook.id,
      organisation.webhook.id,
      other.id,
      other.id,
    ]);
  });

  it('none, while the circuit is open', async () => {
    await openCircuit(onlooker, organisation.webhook, 60);
    await afterAnswers(1);

    expect(await dispatch()).toMatchObject({ claims: [], leftUnclaimed: true });
  });
});

/** Nothing is dispatched yet. Answers how to find the delivery of each, oldest first. */
async function afterAnswers(count: number): Promise<(() => Promise<number>)[]> {
  const found = [];
  for (let made = 0; made < count; made += 1) {
    const recordId = await newResponse(onlooker, organisation.survey);
    found.push(async () => (await deliveriesAbout(onlooker, organisation.webhook.id, recordId))[0]!);
  }
  return found;
}

function dispatch(
  grant: Grant = { slots: 10, allowed: { webhookIds: [], calls: [], others: 10 } },
): Promise<Dispatched> {
  return onlooker.context.get(Dispatcher).dispatch(grant);
}

async function limit(calls: number): Promise<void> {
  await onlooker.pool.query('update webhook set maximum_concurrency = $2 where id = $1', [
    organisation.webhook.id,
    calls,
  ]);
}

function idsOf(claims: readonly Claim[]): number[] {
  return claims.map(({ deliveryId }) => deliveryId).toSorted((a, b) => a - b);
}
