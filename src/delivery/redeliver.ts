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

/**
 * Makes one more attempt due at once, in any status, under the same Webhook ID; run it in a transaction.
 *
 * Locks are taken in the order webhook, due_attempt (manual before automatic), delivery, as everybody
 * takes them; the webhook's lets a deletion wait until there is an attempt to cancel. A call under way
 * (or about to be: a manual attempt that is due already) refuses it. An automatic attempt that is due
 * waits until the manual one is recorded, so that the two never overlap.
 */
export async function redeliver(em: EntityManager, organisationId: number, deliveryId: number): Promise<Redelivery> {
  const delivery = await findDelivery(em, organisationId, deliveryId);
  if (!delivery) {
    return { kind: 'not_found' };
  }
  const reason = webhookPauseReason(delivery);
  if (reason !== null) {
    return { kind: 'refused', reason };
  }
  const due = await em.execute<{ kind: string; claimed: boolean }[]>(
    `select kind, claim_id is not null as claimed from due_attempt
      where delivery_id = ? and organisation_id = ? order by kind desc for update`,
    [deliveryId, organisationId],
  );
  if (due.some((attempt) => attempt.claimed || attempt.kind === 'manual')) {
    return { kind: 'under_way' };
  }
  return insertManualAttempt(em, organisationId, deliveryId);
}

async function findDelivery(em: EntityManager, organisationId: number, id: number): Promise<Target | undefined> {
  const rows = await em.execute<Target[]>(
    `select delivery.id, delivery.test, webhook.enabled, webhook.deleted_at is not null as deleted, organisation.plan
       from delivery
       join webhook on webhook.id = delivery.webhook_id
       join organisation on organisation.id = delivery.organisation_id
      where delivery.id = ? and delivery.organisation_id = ?
        for share of webhook`,
    [id, organisationId],
  );
  return rows[0];
}

/**
 * Two requests at the same moment wait for each other at the delivery; the later one then finds the
 * manual attempt of the first, or its count when it was made already.
 */
async function insertManualAttempt(em: EntityManager, organisationId: number, deliveryId: number): Promise<Redelivery> {
  const key = [deliveryId, organisationId];
  await em.execute('select 1 from delivery where id = ? and organisation_id = ? for update', key);
  const made = await em.execute<unknown[]>(
    `insert into due_attempt (delivery_id, kind, organisation_id, webhook_id, test, due_at, number)
     select id, 'manual', organisation_id, webhook_id, test, clock_timestamp(),
            automatic_attempts + manual_attempts + interrupted_attempts + 1
       from delivery where id = ? and organisation_id = ?
         on conflict do nothing returning delivery_id`,
    key,
  );
  if (made.length === 0) {
    return { kind: 'under_way' };
  }
  await em.execute(`update due_attempt set paused = true where delivery_id = ? and kind = 'automatic'`, [deliveryId]);
  return { kind: 'due' };
}
