import { Environment } from '../../src/config/environment.js';
import type { Claim } from '../../src/delivery/claim.js';
import type { MadeAttempt } from '../../src/delivery/deliver.js';
import { Dispatcher } from '../../src/delivery/dispatch.js';
import { sendTest } from '../../src/delivery/send-test.js';
import { Outbox } from '../../src/outbox/outbox.js';
import { RecordCatalogue } from '../../src/records/record-catalogue.js';
import type { Webhook } from '../../src/webhooks/webhook.entity.js';
import { WakeUp } from '../../src/outbox/wake-up.js';
import { redeliver, type Redelivery } from '../../src/delivery/redeliver.js';
import type { TestWorker } from './app.js';
import { eventually } from './eventually.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from './factories.js';
import { startReceiver, type Answer } from './receivers.js';

export interface DeliveryRow {
  id: number;
  status: string;
  test: boolean;
  record_id: number;
  automatic_attempts: number;
  manual_attempts: number;
  interrupted_attempts: number;
  last_outcome: string | null;
  last_response_code: number | null;
  last_response: string;
}

export interface AttemptRow {
  number: number;
  manual: boolean;
  outcome: string;
  message: string;
  response_code: number | null;
}

/** A row of due_attempt; times as text, because a Date would lose the microseconds. */
export interface DueRow {
  kind: 'automatic' | 'manual';
  number: number;
  spent: number;
  interruptions: number;
  paused: boolean;
  claimed: boolean;
  due_at: string;
  claimed_until: string | null;
}

/**
 * Answers a new invitation and resolves with the delivery that its event became. A worker that only
 * serves the web is made to dispatch once.
 */
export async function newDelivery(
  worker: TestWorker,
  { survey, webhook }: Pick<TestOrganisation, 'survey' | 'webhook'>,
  answers: Parameters<typeof answer>[3] = {},
): Promise<number> {
  const recordId = await newResponse(worker, survey, answers);
  if (!worker.context.get(Environment).roles.delivery) {
    await worker.context.get(Dispatcher).dispatch();
  }
  return eventually(async () => (await deliveriesAbout(worker, webhook.id, recordId))[0]);
}

/** Answers a new invitation and resolves with the response. */
export async function newResponse(
  worker: TestWorker,
  survey: TestOrganisation['survey'],
  answers: Parameters<typeof answer>[3] = {},
): Promise<number> {
  const invitation = await buildInvitation(worker, survey);
  await answer(worker, survey, invitation, answers);
  const { rows } = await worker.pool.query<{ id: number }>('select id from response where invitation_id = $1', [
    invitation.id,
  ]);
  return rows[0]!.id;
}

/** The deliveries of a webhook about one response, oldest first. */
export async function deliveriesAbout(worker: TestWorker, webhookId: number, recordId: number): Promise<number[]> {
  const { rows } = await worker.pool.query<{ id: number }>(
    'select id from delivery where webhook_id = $1 and record_id = $2 order by id',
    [webhookId, recordId],
  );
  return rows.map((row) => row.id);
}

export async function deliveryOf(worker: TestWorker, id: number): Promise<DeliveryRow> {
  const { rows } = await worker.pool.query<DeliveryRow>('select * from delivery where id = $1', [id]);
  return rows[0]!;
}

export async function attemptsOf(worker: TestWorker, id: number): Promise<AttemptRow[]> {
  const { rows } = await worker.pool.query<AttemptRow>(
    'select number, manual, outcome, message, response_code from attempt where delivery_id = $1 order by number',
    [id],
  );
  return rows;
}

/** `1 rejected`, `2 succeeded manual`: an attempt log at a glance. */
export async function logOf(worker: TestWorker, id: number): Promise<string[]> {
  return (await attemptsOf(worker, id)).map(
    ({ number, outcome, manual }) => `${number} ${outcome}${manual ? ' manual' : ''}`,
  );
}

/** What is due for a delivery, the manual attempt first. */
export async function dueOf(worker: TestWorker, id: number): Promise<DueRow[]> {
  const { rows } = await worker.pool.query<DueRow>(
    `select kind, number, spent, interruptions, paused, claim_id is not null as claimed, due_at::text,
            claimed_until::text
       from due_attempt where delivery_id = $1 order by kind desc`,
    [id],
  );
  return rows;
}

/** Waits until `count` attempts are in the log, interrupted ones included, and none is under way. */
export async function attempted(
  worker: TestWorker,
  id: number,
  count: number,
  withinMs?: number,
): Promise<AttemptRow[]> {
  return eventually(async () => {
    const attempts = await attemptsOf(worker, id);
    const isUnderWay = (await dueOf(worker, id)).some((due) => due.claimed);
    return attempts.length >= count && !isUnderWay && attempts;
  }, withinMs);
}

/** Waits until a worker holds an attempt of the delivery. */
export async function underWay(worker: TestWorker, id: number): Promise<DueRow> {
  return eventually(async () => (await dueOf(worker, id)).find((due) => due.claimed));
}

/** Moves the automatic attempt's due time back to now, and wakes the worker. */
export async function comeDue(worker: TestWorker, id: number): Promise<void> {
  await worker.pool.query(
    `update due_attempt set due_at = clock_timestamp() where delivery_id = $1 and kind = 'automatic'`,
    [id],
  );
  wake(worker);
}

/** Ends the lease of whatever is claimed of the delivery, as if its worker had been silent for too long. */
export async function endLease(worker: TestWorker, id: number): Promise<void> {
  await worker.pool.query(
    `update due_attempt set claimed_until = clock_timestamp() - interval '1 second'
      where delivery_id = $1 and claim_id is not null`,
    [id],
  );
}

/** Resend, as the log's button does it, and the signal after it. */
export async function resend(worker: TestWorker, organisationId: number, id: number): Promise<Redelivery> {
  const redelivery = await worker.orm.em.fork().transactional((em) => redeliver(em, organisationId, id));
  wake(worker);
  return redelivery;
}

export function wake(worker: TestWorker): void {
  worker.context.get(WakeUp).signal('any');
}

/** An answer that is given only when the test lets go. */
export function holding(status: number): { answer: Answer; letGo: () => void } {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  return {
    answer: async (_request, response) => {
      await held;
      response.writeHead(status).end();
    },
    letGo,
  };
}

/** A delivery made now and done says that the loop has been round since. */
export async function theLoopToComeRound(worker: TestWorker): Promise<void> {
  const witness = await startReceiver();
  try {
    const other = await buildOrganisation(worker, witness.url());
    await attempted(worker, await newDelivery(worker, other), 1);
  } finally {
    await witness.close();
  }
}

/** A delivery of a made-up record, as "Send test" makes one. */
export async function newTestDelivery(worker: TestWorker, webhook: Webhook): Promise<number> {
  const outbox = worker.context.get(Outbox);
  return outbox.transactional(worker.orm.em.fork(), (em) =>
    sendTest(em, outbox, worker.context.get(RecordCatalogue), webhook),
  );
}

/** What a worker would record of a call, of the first attempt of the survey webhook's schedule. */
export function madeAttempt(claim: Claim, { succeeded }: { succeeded: boolean }): MadeAttempt {
  return {
    claim,
    succeeded,
    outcome: succeeded ? 'succeeded' : 'rejected',
    message: 'Made by a test.',
    responseCode: succeeded ? 200 : 503,
    exchanges: [],
    startedAt: performance.now(),
    durationMs: 1,
    waitSeconds: succeeded ? null : 300,
  };
}

export async function switchWebhook(worker: TestWorker, webhookId: number, enabled: boolean): Promise<void> {
  await worker.pool.query('update webhook set enabled = $2 where id = $1', [webhookId, enabled]);
  wake(worker);
}

/** As after twenty failures in a row: no automatic call is claimed before then. */
export async function openCircuit(
  worker: TestWorker,
  webhook: { id: number; organisationId: number },
  secondsFromNow: number,
): Promise<void> {
  await worker.pool.query(
    `insert into webhook_trouble (webhook_id, organisation_id, failing_since, last_failed_at, failures, opened_at, open_until)
     values ($1, $2, now(), now(), 20, now(), clock_timestamp() + make_interval(secs => $3))
         on conflict (webhook_id) do update set open_until = excluded.open_until`,
    [webhook.id, webhook.organisationId, secondsFromNow],
  );
}
