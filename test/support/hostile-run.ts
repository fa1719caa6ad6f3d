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
import { startReceiver } from './receivers.js';
import { startWeb, type TestWeb } from './web.js';

/** The deadline of the webhooks that lead to hostile receivers. */
export const DEADLINE_SECONDS = 3;

/** The one delivery of a hostile receiver. */
export interface HostileDelivery {
  readonly id: number;
  /** From when its call began until the attempt was seen in the log. */
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
  /** How long each answer for a healthy webhook took to its receiver while the hostile calls were under way. */
  readonly healthyMs: readonly number[];
  close(): Promise<void>;
}

/**
 * Has one worker call every hostile receiver at the same moment, each by a webhook and a delivery of its own, until all
 * of the calls are in the log. Meanwhile customers of another organisation go on answering; its receiver is honest.
 *
 * 127.0.0.1 stands in for the public internet: it may be called, and every other private address may not.
 *
 * @param urls by the names of the cases
 */
export async function callHostile(
  urls: ReadonlyMap<string, string>,
  network: CallableNetwork = {},
): Promise<HostileRun> {
  const database = await createTestDatabase();
  const variables = { DELIVERY_ALLOWED_NETWORKS: '127.0.0.1/32' };
  const onlooker = await startWeb(database, { ...variables, PROCESS: 'web' }, [], network);
  const watched = await buildWatched(onlooker, null);
  const held = await holdDeliveries(onlooker, watched, urls);
  const worker = await startWorker(database, { ...variables, PROCESS: 'delivery' }, network);
  const healthy = await startHealthy(onlooker);
  const close = async (): Promise<void> => {
    await healthy.close();
    await worker.close();
    await onlooker.close();
    await database.drop();
  };
  try {
    const deliveries = await letGo(worker, held);
    return { onlooker, worker, watched, deliveries, healthyMs: await healthy.stop(), close };
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
      policy: { success: 'exactly_200', timeoutSeconds: DEADLINE_SECONDS, retry: { kind: 'survey_waits' }, ...policy },
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
  urls: ReadonlyMap<string, string>,
): Promise<Map<number, string>> {
  for (const [name, url] of urls) {
    await buildWebhook(onlooker, watched, name, url);
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
  while (deliveries.size < held.size) {
    if (performance.now() > giveUpAt) throw new Error(`${deliveries.size} of ${held.size} calls have ended.`);
    for (const { id, wallMs } of await endedCalls(worker, [...held.keys()])) {
      if (!deliveries.has(held.get(id)!)) deliveries.set(held.get(id)!, { id, wallMs });
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

/** Customers who answer one after the other, until they are told to stop. Resolves when the first one was heard of. */
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
  await answerOnce();
  const answering = (async () => {
    while (!stopping.signal.aborted) {
      await answerOnce();
      await sleep(50);
    }
  })();
  const stop = async (): Promise<number[]> => {
    stopping.abort();
    await answering;
    return tookMs;
  };
  return {
    stop,
    close: async (): Promise<void> => {
      await stop().catch(() => undefined);
      await receiver.close();
    },
  };
}
