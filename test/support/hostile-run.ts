import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Keyring } from '../../src/config/keyring.js';
import { Dispatcher } from '../../src/delivery/dispatch.js';
import type { CallableNetwork } from '../../src/outbound/outbound.module.js';
import { addSigningSecret } from '../../src/webhooks/signing-secrets.js';
import type { DeliveryPolicy } from '../../src/webhooks/webhook-definition.js';
import { Webhook } from '../../src/webhooks/webhook.entity.js';
import { createTestDatabase, startWorker, type TestWorker } from './app.js';
import { wake } from './deliveries.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from './factories.js';
import { buildWatched, type Watched } from './log-journey.js';
import { DEADLINE_SECONDS, deadlineSecondsOf, type Told } from './hostile-told.js';
import { startReceiver } from './receivers.js';
import { startWeb, type TestWeb } from './web.js';

/** Healthy answers that tell how fast this machine is at this moment. */
const USUAL_ANSWERS = 3;

export interface HostileCase {
  readonly url: string;
  readonly told: Told;
}

/** The one delivery of a hostile receiver. */
export interface HostileDelivery {
  readonly id: number;
  /** From when its call began until the last look into the log that did not find it there. */
  readonly wallMs: number;
}

export interface HostileRun {
  /** Takes the answers in and serves the pages and the API; delivers nothing. */
  readonly onlooker: TestWeb;
  /** Makes every call. */
  readonly worker: TestWorker;
  /** The organisation whose webhooks lead to hostile receivers, with a member and an API key. */
  readonly watched: Watched;
  readonly deliveries: ReadonlyMap<string, HostileDelivery>;
  /** How long the process that makes the calls stood still at the most: by so much it may notice a deadline late. */
  readonly stoodStillMs: number;
  /** How long each answer for a healthy webhook took to its receiver, before the hostile calls began. */
  readonly usualMs: readonly number[];
  /** The same while they were under way. */
  readonly healthyMs: readonly number[];
  close(): Promise<void>;
}

/**
 * Has one worker call every hostile receiver at the same moment, each by a webhook and a delivery of its own, until all
 * of the calls are in the log. Meanwhile customers of another organisation go on answering; its receiver is honest.
 *
 * 127.0.0.1 stands in for the public internet: it may be called, and every other private address may not.
 *
 * @param cases what is called, and what is expected of it: only a call that its deadline ends has a short one
 */
export async function callHostile(
  cases: ReadonlyMap<string, HostileCase>,
  network: CallableNetwork = {},
): Promise<HostileRun> {
  const database = await createTestDatabase();
  const variables = { DELIVERY_ALLOWED_NETWORKS: '127.0.0.1/32' };
  const onlooker = await startWeb(database, { ...variables, PROCESS: 'web' }, [], network);
  const watched = await buildWatched(onlooker, null);
  const held = await holdDeliveries(onlooker, watched, cases);
  const worker = await startWorker(database, { ...variables, PROCESS: 'delivery' }, network);
  const healthy = await startHealthy(onlooker);
  const close = async (): Promise<void> => {
    await healthy.close();
    await worker.close();
    await onlooker.close();
    await database.drop();
  };
  try {
    const delay = monitorEventLoopDelay();
    delay.enable();
    const deliveries = await letGo(worker, held);
    delay.disable();
    const stoodStillMs = delay.max / 1e6;
    return { onlooker, worker, watched, deliveries, stoodStillMs, ...(await healthy.stop()), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A webhook that fires for the ticket of its own name alone. */
export async function buildWebhook(
  worker: TestWorker,
  { organisation }: TestOrganisation,
  name: string,
  url: string,
  policy: Partial<DeliveryPolicy> = {},
): Promise<Webhook> {
  return worker.orm.em.fork().transactional(async (em) => {
    const webhook = em.create(Webhook, {
      organisationId: organisation.id,
      name,
      preset: null,
      enabled: true,
      trigger: {
        recordType: 'response',
        on: ['completed'],
        conditions: [{ field: 'ticketId', operator: 'equals', value: name }],
      },
      request: { method: 'POST', url, body: { kind: 'serialisation', name: 'survey_payload' } },
      policy: {
        success: 'exactly_200',
        timeoutSeconds: DEADLINE_SECONDS,
        retry: { kind: 'survey_waits' },
        obeysRetryAfter: false,
        circuit: null,
        switchesOff: false,
        ...policy,
      },
    });
    await em.flush();
    await addSigningSecret(em, worker.context.get(Keyring), webhook);
    return webhook;
  });
}

/** One answer for each case; what comes of it is not due before it is let go. Answers the cases by their deliveries. */
async function holdDeliveries(
  onlooker: TestWeb,
  watched: Watched,
  cases: ReadonlyMap<string, HostileCase>,
): Promise<Map<number, string>> {
  for (const [name, { url, told }] of cases) {
    await buildWebhook(onlooker, watched, name, url, { timeoutSeconds: deadlineSecondsOf(told) });
    const invitation = await buildInvitation(onlooker, watched.survey, { ticketId: name });
    await answer(onlooker, watched.survey, invitation);
  }
  await onlooker.context.get(Dispatcher).dispatch();
  const { rows } = await onlooker.pool.query<{ id: number; name: string }>(
    `update due_attempt set due_at = 'infinity' from webhook
      where webhook.id = webhook_id and due_attempt.organisation_id = $1 returning delivery_id as id, name`,
    [watched.organisation.id],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function letGo(worker: TestWorker, held: ReadonlyMap<number, string>): Promise<Map<string, HostileDelivery>> {
  const deliveries = new Map<string, HostileDelivery>();
  await worker.pool.query(`update due_attempt set due_at = clock_timestamp() where due_at = 'infinity'`);
  wake(worker);
  const giveUpAt = performance.now() + 20_000;
  let lookedAt = performance.now();
  while (deliveries.size < held.size) {
    if (performance.now() > giveUpAt) throw new Error(`${deliveries.size} of ${held.size} calls have ended.`);
    const ended = await endedCalls(worker, [...held.keys()]);
    const sinceLookMs = performance.now() - lookedAt;
    lookedAt = performance.now();
    for (const { id, wallMs } of ended) {
      if (!deliveries.has(held.get(id)!)) deliveries.set(held.get(id)!, { id, wallMs: wallMs - sinceLookMs });
    }
    await sleep(20);
  }
  return deliveries;
}

async function endedCalls(worker: TestWorker, ids: readonly number[]): Promise<HostileDelivery[]> {
  const { rows } = await worker.pool.query<{ id: number; wallMs: number }>(
    `select delivery_id as id, extract(epoch from clock_timestamp() - started_at)::double precision * 1000 as "wallMs"
       from attempt where delivery_id = any($1)`,
    [ids],
  );
  return rows;
}

/** Customers who answer one after the other, until they are told to stop. Resolves when the first few were heard. */
async function startHealthy(onlooker: TestWeb) {
  const receiver = await startReceiver();
  const organisation = await buildOrganisation(onlooker, receiver.url('/healthy'));
  const tookMs: number[] = [];
  const stopping = new AbortController();
  const answerOnce = async (): Promise<void> => {
    const invitation = await buildInvitation(onlooker, organisation.survey);
    const answeredAt = performance.now();
    await answer(onlooker, organisation.survey, invitation);
    const requests = await receiver.received(tookMs.length + 1, 20_000);
    tookMs.push(requests.at(-1)!.startedAt - answeredAt);
  };
  for (let index = 0; index < USUAL_ANSWERS; index += 1) {
    await answerOnce();
  }
  const answering = (async () => {
    while (!stopping.signal.aborted) {
      await answerOnce();
      await sleep(50);
    }
  })();
  const stop = async (): Promise<Pick<HostileRun, 'usualMs' | 'healthyMs'>> => {
    stopping.abort();
    await answering;
    return { usualMs: tookMs.slice(0, USUAL_ANSWERS), healthyMs: tookMs.slice(USUAL_ANSWERS) };
  };
  return {
    stop,
    close: async (): Promise<void> => {
      await stop().catch(() => undefined);
      await receiver.close();
    },
  };
}
