import supertest from 'supertest';
import { Rescuer } from '../../src/delivery/rescue.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { asOwner } from '../support/database.js';
import { attempted, comeDue, endLease, newDelivery } from '../support/deliveries.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { HandWorker } from '../support/hand-worker.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';
import { startWeb, type TestWeb } from '../support/web.js';

const TOKEN = 'a-token-for-prometheus-0123456789-abc';

let database: TestDatabase;
let receiver: Receiver;
let organisation: TestOrganisation;
const started: TestWeb[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  receiver = await startReceiver();
});
afterEach(async () => {
  receiver.cut();
  for (const web of started.splice(0)) await web.close();
  await receiver.close();
  await database.drop();
});

describe('/metrics', () => {
  it('is for whoever shows the token, and is not there without one', async () => {
    const web = await start({ PROCESS: 'web' });
    const { headers } = await metricsOf(web).expect(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['set-cookie']).toBeUndefined();
    for (const given of ['', TOKEN, `Bearer ${TOKEN}x`, `Basic ${TOKEN}`]) {
      await supertest(web.url).get('/metrics').set('Authorization', given).expect(401);
    }
    const closed = await start({ PROCESS: 'web', METRICS_TOKEN: '' });
    await metricsOf(closed).expect(404);
  });

  it('counts attempts by what came of them, and how long they took', async () => {
    const web = await start();
    organisation = await buildOrganisation(web, receiver.url());
    receiver.answer = answers.inTurn(503, 200);
    const id = await newDelivery(web, organisation);
    await attempted(web, id, 1);
    await comeDue(web, id);
    await attempted(web, id, 2);

    const metrics = await read(web);
    expect(metrics).toMatchObject({
      'answerback_attempts_total{outcome="rejected"}': 1,
      'answerback_attempts_total{outcome="succeeded"}': 1,
      answerback_attempt_duration_seconds_count: 2,
      'answerback_attempt_duration_seconds_bucket{le="30"}': 2,
      answerback_due_attempts: 0,
      answerback_oldest_due_seconds: 0,
      answerback_claimed_attempts: 0,
    });
    expect(metrics.process_resident_memory_bytes).toBeGreaterThan(1_000_000);
  });

  it('tells what is due, since when, what is under way, and what was taken back', async () => {
    const web = await start({ PROCESS: 'web' });
    organisation = await buildOrganisation(web, receiver.url());
    const hand = new HandWorker(web);
    const claimed = await newDelivery(web, organisation);
    await hand.claim(claimed);
    const due = await newDelivery(web, organisation);
    const other = await buildOrganisation(web, receiver.url());
    await newDelivery(web, other);
    await web.pool.query('update webhook set enabled = false where id = $1', [other.webhook.id]);
    await answer(web, organisation.survey, await buildInvitation(web, organisation.survey));
    await web.pool.query(
      `update due_attempt set due_at = clock_timestamp() - interval '1 hour' where delivery_id = $1`,
      [due],
    );

    const metrics = await read(web);
    expect(metrics).toMatchObject({
      answerback_due_attempts: 1,
      answerback_claimed_attempts: 1,
      answerback_pending_events: 1,
      answerback_lease_expiries_total: 0,
      answerback_calls_under_way: 0,
    });
    expect(metrics.answerback_oldest_due_seconds).toBeGreaterThan(3_600);
    expect(metrics.answerback_oldest_due_seconds).toBeLessThan(3_660);
    expect(metrics.answerback_event_lag_seconds).toBeLessThan(60);

    await endLease(web, claimed);
    await web.context.get(Rescuer).rescue();
    expect((await read(web)).answerback_lease_expiries_total).toBe(1);
  });

  it('is served by a process that only delivers, with the calls that it has under way', async () => {
    receiver.answer = answers.hang();
    const web = await start({ PROCESS: 'delivery' });
    organisation = await buildOrganisation(web, receiver.url());
    await newDelivery(web, organisation);
    await receiver.received(1);
    expect(await read(web)).toMatchObject({ answerback_calls_under_way: 1, answerback_calls_waiting: 0 });
  });

  it('tells what the process knows itself while the database is away', async () => {
    const web = await start({ PROCESS: 'web' });
    await asOwner(database)('alter table due_attempt rename to away');
    const metrics = await read(web);
    expect(metrics.answerback_due_attempts).toBeNaN();
    expect(metrics.answerback_lease_expiries_total).toBe(0);
  });
});

async function start(variables: Record<string, string> = {}): Promise<TestWeb> {
  const web = await startWeb(database, { METRICS_TOKEN: TOKEN, ...variables });
  started.push(web);
  return web;
}

function metricsOf(web: TestWeb): supertest.Test {
  return supertest(web.url).get('/metrics').set('Authorization', `Bearer ${TOKEN}`);
}

async function read(web: TestWeb): Promise<Record<string, number>> {
  const { text } = await metricsOf(web).expect(200);
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}
