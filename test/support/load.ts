import { insertDeliveries } from '../../src/delivery/insert-deliveries.js';
import { RecordCatalogue } from '../../src/records/record-catalogue.js';
import type { Webhook } from '../../src/webhooks/webhook.entity.js';
import type { TestWorker } from './app.js';
import type { ReceivedRequest } from './receivers.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';

/** So many in one statement. */
const CHUNK = 1_000;

/** Deliveries of the sample response that are due now, dealt out over the webhooks. Answers their numbers. */
export async function makeLoad(worker: TestWorker, webhooks: readonly Webhook[], count: number): Promise<number[]> {
  const { organisationId } = webhooks[0]!;
  const snapshot = worker.context.get(RecordCatalogue).typeOf('response').sample();
  const { rows } = await worker.pool.query<{ id: number }>(
    `insert into event (id, organisation_id, type, record_type, record_id, snapshot)
     values (next_event_id(), $1, 'response.completed', 'response', 1, $2) returning id`,
    [organisationId, JSON.stringify(snapshot)],
  );
  const deliveries = Array.from({ length: count }, (_, index) => ({
    eventId: rows[0]!.id,
    organisationId,
    webhookId: webhooks[index % webhooks.length]!.id,
    listeningPost: 'transactional',
    recordType: 'response',
    recordId: 1,
    ticketId: 'INC1',
    test: false,
    traceparent: null,
  }));
  const ids: number[] = [];
  for (let begun = 0; begun < count; begun += CHUNK) {
    ids.push(...(await insertDeliveries(worker.orm.em.fork(), deliveries.slice(begun, begun + CHUNK))));
  }
  return ids;
}

/** What became of deliveries to receivers that always answer 200: the rule is that nothing is lost. */
export interface Balance {
  made: number;
  succeeded: number;
  /** Succeeded without a request that arrived, or not succeeded: must be none. */
  lost: string[];
  /** Arrived more often than interrupted attempts explain: must be none. */
  unexplained: string[];
  /** Attempts whose process died or was too late, each in the log. */
  interrupted: number;
  /** Requests beyond the first of their delivery. */
  duplicates: number;
  /** Attempts that failed, by what they met: of receivers that always answer 200 there are none. */
  failed: Record<string, number>;
}

export async function balanceOf(
  worker: TestWorker,
  ids: readonly number[],
  requests: readonly ReceivedRequest[],
): Promise<Balance> {
  const arrived = new Map<string, number>();
  for (const { headers } of requests) {
    const id = String(headers['webhook-id']);
    arrived.set(id, (arrived.get(id) ?? 0) + 1);
  }
  const { rows } = await worker.pool.query<{ id: number; status: string; interrupted: number; attempts: number }>(
    `select delivery.id, status, count(attempt) filter (where outcome = 'interrupted')::integer as interrupted,
            count(attempt)::integer as attempts
       from delivery left join attempt on delivery_id = delivery.id
      where delivery.id = any($1) group by delivery.id, status`,
    [ids],
  );
  const failed = await worker.pool.query<{ outcome: string; count: number }>(
    `select outcome, count(*)::integer from attempt
      where delivery_id = any($1) and outcome not in ('succeeded', 'interrupted') group by outcome`,
    [ids],
  );
  const timesOf = (id: number) => arrived.get(webhookIdOf(id)) ?? 0;
  const names = (chosen: typeof rows) => chosen.map(({ id }) => webhookIdOf(id));
  return {
    made: ids.length,
    succeeded: rows.filter(({ status }) => status === 'succeeded').length,
    lost: names(rows.filter(({ id, status }) => status !== 'succeeded' || timesOf(id) === 0)),
    unexplained: names(
      rows.filter(({ id, interrupted, attempts }) => attempts !== interrupted + 1 || timesOf(id) > interrupted + 1),
    ),
    interrupted: rows.reduce((sum, row) => sum + row.interrupted, 0),
    duplicates: rows.reduce((sum, { id }) => sum + Math.max(timesOf(id) - 1, 0), 0),
    failed: Object.fromEntries(failed.rows.map(({ outcome, count }) => [outcome, count])),
  };
}
