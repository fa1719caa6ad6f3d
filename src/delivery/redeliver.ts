import type { EntityManager } from '@mikro-orm/postgresql';
import { webhookPauseReason } from './pause-reason.js';

export type Redelivery =
  { kind: 'due' } | { kind: 'not_found' } | { kind: 'under_way' } | { kind: 'refused'; reason: string };

interface Target {
  id: string;
  test: boolean;
  enabled: boolean;
  deleted: boolean;
  plan: string;
}

/** Makes one more attempt of a delivery due at once; as redeliverAll. */
export async function redeliver(em: EntityManager, organisationId: number, deliveryId: number): Promise<Redelivery> {
  return (await redeliverAll(em, organisationId, [deliveryId])).get(deliveryId)!;
}

/**
 * Makes one more attempt of each delivery due at once, in any status, under the same Webhook ID; run it in a
 * transaction. Answers what became of each.
 *
 * Locks are taken in the order webhook, due_attempt (manual before automatic), delivery, as everybody
 * takes them; the webhook's lets a deletion wait until there is an attempt to cancel. A call under way
 * (or about to be: a manual attempt that is due already) refuses it. An automatic attempt that is due
 * waits until the manual one is recorded, so that the two never overlap.
 */
export async function redeliverAll(
  em: EntityManager,
  organisationId: number,
  deliveryIds: readonly number[],
): Promise<Map<number, Redelivery>> {
  const results = new Map<number, Redelivery>(deliveryIds.map((id) => [id, { kind: 'not_found' }]));
  for (const target of await findDeliveries(em, organisationId, deliveryIds)) {
    const reason = webhookPauseReason(target);
    results.set(Number(target.id), reason === null ? { kind: 'due' } : { kind: 'refused', reason });
  }
  for (const id of await underWay(em, organisationId, those(results, 'due'))) {
    results.set(id, { kind: 'under_way' });
  }
  const asked = those(results, 'due');
  const made = await insertManualAttempts(em, organisationId, asked);
  for (const id of asked.filter((one) => !made.has(one))) {
    results.set(id, { kind: 'under_way' });
  }
  return results;
}

function those(results: ReadonlyMap<number, Redelivery>, kind: Redelivery['kind']): number[] {
  return [...results].filter(([, result]) => result.kind === kind).map(([id]) => id);
}

/**
 * The numbers of a parameter, as a text, because the driver flattens lists. A subquery in its place would have PostgreSQL
 * prune partitions while the statement runs: see recordStatement.
 */
const NUMBERS = 'any(?::bigint[])';

function numbers(ids: readonly number[]): string {
  return `{${ids.join(',')}}`;
}

async function findDeliveries(em: EntityManager, organisationId: number, ids: readonly number[]): Promise<Target[]> {
  return em.execute<Target[]>(
    `select delivery.id, delivery.test, webhook.enabled, webhook.deleted_at is not null as deleted, organisation.plan
       from delivery
       join webhook on webhook.id = delivery.webhook_id
       join organisation on organisation.id = delivery.organisation_id
      where delivery.id = ${NUMBERS} and delivery.organisation_id = ?
      order by webhook.id
        for share of webhook`,
    [numbers(ids), organisationId],
  );
}

async function underWay(em: EntityManager, organisationId: number, ids: readonly number[]): Promise<number[]> {
  const due = await em.execute<{ id: string; kind: string; claimed: boolean }[]>(
    `select delivery_id as id, kind, claim_id is not null as claimed from due_attempt
      where delivery_id = ${NUMBERS} and organisation_id = ? order by delivery_id, kind desc for update`,
    [numbers(ids), organisationId],
  );
  return due.filter(({ kind, claimed }) => claimed || kind === 'manual').map(({ id }) => Number(id));
}

/**
 * Two requests at the same moment wait for each other at the delivery; the later one then finds the
 * manual attempt of the first, or its count when it was made already. Answers those that were made.
 */
async function insertManualAttempts(
  em: EntityManager,
  organisationId: number,
  ids: readonly number[],
): Promise<Set<number>> {
  const key = [numbers(ids), organisationId];
  await em.execute(`select 1 from delivery where id = ${NUMBERS} and organisation_id = ? order by id for update`, key);
  const made = await em.execute<{ id: string }[]>(
    `insert into due_attempt (delivery_id, kind, organisation_id, webhook_id, test, due_at, number)
     select id, 'manual', organisation_id, webhook_id, test, clock_timestamp(),
            automatic_attempts + manual_attempts + interrupted_attempts + 1
       from delivery where id = ${NUMBERS} and organisation_id = ?
         on conflict do nothing returning delivery_id as id`,
    key,
  );
  const madeIds = made.map(({ id }) => Number(id));
  await em.execute(`update due_attempt set paused = true where delivery_id = ${NUMBERS} and kind = 'automatic'`, [
    numbers(madeIds),
  ]);
  return new Set(madeIds);
}
