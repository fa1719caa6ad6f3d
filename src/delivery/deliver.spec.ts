import { type Answer, type Receiver, answers, startReceiver } from '../../test/support/receivers.js';
import { readEnvironment } from '../config/environment.js';
import { productVersion } from '../config/product.js';
import { AddressGuard } from '../outbound/address-guard.js';
import { GuardedClient } from '../outbound/guarded-client.js';
import { newSigningSecret, signatureHeaders, signingKey } from '../outbound/signature.js';
import { surveyPolicy } from '../webhooks/survey-webhook.js';
import type { Claim } from './claim.js';
import { Deliverer } from './deliver.js';
import type { PreparedDelivery } from './prepare.js';
import type { WebhookSettings } from './webhook-settings.js';

let receiver: Receiver;
let client: GuardedClient;
let deliverer: Deliverer;

beforeEach(async () => {
  receiver = await startReceiver();
  client = new GuardedClient({ guard: new AddressGuard({ allowedNetworks: ['127.0.0.0/8'] }) });
  deliverer = new Deliverer(client, readEnvironment({ SURVEY_RETRY_WAITS: '1,7' }));
});
afterEach(async () => {
  await client.close();
  await receiver.close();
});

const claim: Claim = {
  claimId: '00000000-0000-4000-8000-000000000000',
  deliveryId: 255,
  kind: 'automatic',
  organisationId: 1,
  webhookId: 2,
  webhookVersion: 3,
  number: 1,
  spent: 0,
  leasedAt: 0,
  leaseEndsAt: Infinity,
};

interface Given {
  answer?: Answer;
  spent?: number;
  settings?: Partial<WebhookSettings>;
  url?: string | null;
  timeoutSeconds?: number;
  request?: PreparedDelivery['request'];
}

function deliver({ answer = 200, spent = 0, settings = {}, url, timeoutSeconds = 15, request }: Given = {}) {
  receiver.answer = answer;
  return deliverer.deliver({
    claim: { ...claim, spent },
    settings: {
      version: 3,
      request: {
        method: 'POST',
        url: url === undefined ? receiver.url('/hook') : url,
        body: { kind: 'serialisation', name: 'short' },
      },
      policy: { ...surveyPolicy, timeoutSeconds },
      authorization: null,
      signingKeys: [],
      problem: null,
      ...settings,
    },
    request: request ?? { contentType: 'text/plain', body: Buffer.from('Grüße') },
    traceparent: null,
  });
}

describe('an attempt', () => {
  it('is one call with what was rendered, and ends the schedule when it succeeds', async () => {
    const before = performance.now();
    const made = await deliver();
    expect(made).toMatchObject({
      claim,
      succeeded: true,
      outcome: 'succeeded',
      message: 'The receiver accepted it.',
      responseCode: 200,
      waitSeconds: null,
    });
    expect(made.exchanges).toHaveLength(1);
    expect(made.startedAt).toBeGreaterThanOrEqual(before);
    expect(made.durationMs).toBeGreaterThanOrEqual(0);
    expect(made.durationMs).toBeLessThanOrEqual(Math.ceil(performance.now() - before));
    const [request] = receiver.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/hook', body: Buffer.from('Grüße') });
    expect(request!.headers).toMatchObject({
      'content-type': 'text/plain',
      'user-agent': `Answerback/${productVersion}`,
    });
    expect(Object.keys(request!.headers)).not.toContain('authorization');
    expect(Object.keys(request!.headers).filter((name) => name.startsWith('webhook-'))).toEqual([]);
  });

  it('waits as its schedule says when it fails, and for nothing after the last', async () => {
    const waits = [];
    for (const spent of [0, 1, 2]) {
      waits.push((await deliver({ answer: 500, spent })).waitSeconds);
    }
    expect(waits).toEqual([1, 7, null]);
    const policy: WebhookSettings['policy'] = { ...surveyPolicy, retry: { kind: 'waits', seconds: [0] } };
    expect((await deliver({ answer: 500, settings: { policy } })).waitSeconds).toBe(0);
  });

  it('waits longer where the receiver asks for it and the webhook obeys, and says so', async () => {
    const answer = answers.with(503, '', { 'retry-after': '120' });
    const obeying = { policy: { ...surveyPolicy, obeysRetryAfter: true } };
    expect(await deliver({ answer, settings: obeying })).toMatchObject({
      waitSeconds: 120,
      message: 'The receiver answered 503. It is not available at the moment. It asked to wait 120 s.',
    });
    expect((await deliver({ answer, settings: obeying, spent: 2 })).waitSeconds).toBeNull();
    expect(await deliver({ answer })).toMatchObject({
      waitSeconds: 1,
      message: 'The receiver answered 503. It is not available at the moment.',
    });
  });

  it('ends at the webhook’s deadline', async () => {
    const made = await deliver({ answer: answers.hang(), timeoutSeconds: 1 });
    expect(made).toMatchObject({ succeeded: false, outcome: 'timeout', responseCode: null, waitSeconds: 1 });
    expect(made.durationMs).toBeGreaterThanOrEqual(990);
    expect(made.durationMs).toBeLessThan(5_000);
  });

  it('carries the credentials, and a signature of this moment under the Webhook ID', async () => {
    const keys = [signingKey(newSigningSecret())];
    await deliver({ settings: { authorization: 'Basic dTpw', signingKeys: keys } });
    const { headers } = receiver.requests[0]!;
    expect(headers.authorization).toBe('Basic dTpw');
    const timestampSeconds = Number(headers['webhook-timestamp']);
    expect(Math.abs(timestampSeconds - Date.now() / 1000)).toBeLessThan(30);
    expect(Number.isInteger(timestampSeconds)).toBe(true);
    const message = { id: '00000000000ff', timestampSeconds, body: 'Grüße', keys };
    expect(headers).toMatchObject(Object.fromEntries(signatureHeaders(message)));
  });
});

describe('nothing is sent', () => {
  it.each<[string, Given, object]>([
    [
      'what could not be rendered',
      { request: { problem: 'No such form.' } },
      { outcome: 'rendering_failed', message: 'No such form.' },
    ],
    [
      'credentials that cannot be read',
      { settings: { problem: 'No such key.' } },
      { outcome: 'authorization_failed', message: 'No such key.' },
    ],
    [
      'a webhook without a URL',
      { url: null },
      {
        outcome: 'invalid_request',
        message: 'The webhook has no URL. Enter one in Preferences, Integration.',
      },
    ],
  ])('for %s, and the schedule goes on', async (_what, given, expected) => {
    const made = await deliver(given);
    expect(made).toMatchObject({ succeeded: false, responseCode: null, exchanges: [], waitSeconds: 1, ...expected });
    expect(receiver.connections).toBe(0);
  });
});
