import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { attempted, comeDue, deliveriesAbout, newDelivery } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';
import { linkPath } from '../../src/invitations/invitation-link.js';
import { Keyring } from '../../src/config/keyring.js';
import { startWeb, Visitor, type TestWeb } from '../support/web.js';

let database: TestDatabase;
/** Takes OTLP, as JSON. */
let collector: Receiver;
let receiver: Receiver;
let web: TestWeb;
let organisation: TestOrganisation;

beforeAll(async () => {
  database = await createTestDatabase();
  collector = await startReceiver();
  receiver = await startReceiver({ answer: answers.inTurn(503, 200) });
  web = await startWeb(database, { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.origin}/otlp/` });
  organisation = await buildOrganisation(web, receiver.url('/hook?secret=canary'));
});
afterAll(async () => {
  await web?.close();
  await receiver?.close();
  await collector?.close();
  await database?.drop();
});

it('follow one submission through its event to every attempt', async () => {
  const invitation = await buildInvitation(web, organisation.survey);
  const path = linkPath(web.context.get(Keyring), invitation);
  await new Visitor(web).send(path, { overall: '9', comments: 'canary' }).expect(303);
  const { rows } = await web.pool.query<{ id: number }>('select id from response');
  const id = await eventually(async () => (await deliveriesAbout(web, organisation.webhook.id, rows[0]!.id))[0]);
  await attempted(web, id, 1);
  await comeDue(web, id);
  await attempted(web, id, 2);

  const told = await eventually(() => {
    const all = spans();
    return all.length >= 4 && all;
  });
  expect(collector.requests.every((request) => request.path === '/otlp/v1/traces')).toBe(true);
  expect(new Set(told.map(({ traceId }) => traceId)).size).toBe(1);
  const root = told.find(({ name }) => name === 'submit survey')!;
  expect(root.parentSpanId ?? '').toBe('');
  const children = told.filter((span) => span !== root);
  expect(children.map(({ parentSpanId }) => parentSpanId)).toEqual(children.map(() => root.spanId));
  expect(children.map(({ name }) => name).toSorted()).toEqual([
    'attempt delivery',
    'attempt delivery',
    'dispatch event',
  ]);

  const attempts = told.filter(({ name }) => name === 'attempt delivery').toSorted(byNumber);
  expect(attempts.map(attributesOf)).toMatchObject([
    {
      'answerback.webhook_id': webhookIdOf(id),
      'answerback.attempt.number': 1,
      'answerback.attempt.outcome': 'rejected',
      'http.response.status_code': 503,
    },
    { 'answerback.attempt.number': 2, 'answerback.attempt.outcome': 'succeeded', 'server.address': '127.0.0.1' },
  ]);
  expect(attempts.map(({ status }) => status.code ?? 0)).toEqual([2, 0]);
  for (const span of told) {
    expect(Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano))).toBeGreaterThanOrEqual(0);
    expect(Math.abs(Number(span.startTimeUnixNano) / 1e6 - Date.now())).toBeLessThan(60_000);
  }
  // Neither what a customer wrote nor a URL, which may hold a secret.
  expect(collector.requests.map(({ body }) => body.toString()).join('')).not.toContain('canary');
});

it('are nothing that a collector which fails could disturb', async () => {
  collector.answer = 500;
  await attempted(web, await newDelivery(web, organisation), 1);
  collector.answer = 200;
});

it('are not made of what no request began, nor where no collector is set', async () => {
  const { rows } = await web.pool.query<{ traceparent: string | null }>(
    'select traceparent from delivery where traceparent is not null',
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]!.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);

  const silent = await startWeb(database, { PROCESS: 'web' });
  const before = collector.requests.length;
  const invitation = await buildInvitation(silent, organisation.survey);
  await new Visitor(silent).send(linkPath(silent.context.get(Keyring), invitation), { overall: '9' }).expect(303);
  await silent.close();
  const after = await web.pool.query('select from event where traceparent is not null');
  expect(after.rowCount).toBe(1);
  expect(collector.requests).toHaveLength(before);
});

interface ToldSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code?: number };
  attributes: { key: string; value: { stringValue?: string; intValue?: number | string } }[];
}

function spans(): ToldSpan[] {
  return collector.requests.flatMap(({ body }) => {
    const { resourceSpans } = JSON.parse(body.toString()) as {
      resourceSpans: { scopeSpans: { spans: ToldSpan[] }[] }[];
    };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  });
}

function attributesOf({ attributes }: ToldSpan): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue ?? Number.NaN)]),
  );
}

function byNumber(one: ToldSpan, other: ToldSpan): number {
  return (
    Number(attributesOf(one)['answerback.attempt.number']) - Number(attributesOf(other)['answerback.attempt.number'])
  );
}
