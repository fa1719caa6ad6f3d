import type { EntityManager } from '@mikro-orm/postgresql';
import { webhookPauseReason } from './pause-reason.js';

export type Redelivery =
  { kind: 'due' } | { kind: 'not_found' } | { kind: 'under_way' } | { kind: 'refused'; reason: string };

interface Target {
  id: string;
  test: boolean;
  automatic_attempts: number;
  manual_attempts: number;
  interrupted_attempts: number;
  enabled: boolean;
  deleted: boolean;
  plan: string;
}

/**
 * Makes one more attempt due at once, in any status, under the same Webhook ID; run it in a transaction.
 *
 * The rows of due_attempt are locked before the delivery, in the order in which the record step takes
 * them. A call under way (or about to be: a manual attempt that is due already) refuses it. An automatic
 * attempt that is due waits until the manual one is recorded, so that the two never overlap.
 */
export async function redeliver(em: EntityManager, organisationId: number, deliveryId: number): Promise<Redelivery> {
  const due = await em.execute<{ kind: string; claimed: boolean }[]>(
    `select kind, claim_id is not null as claimed from due_attempt
      where delivery_id = ? and organisation_id = ? order by kind for update`,
    [deliveryId, organisationId],
  );
  const delivery = await lockDelivery(em, organisationId, deliveryId);
  if (!delivery) {
    return { kind: 'not_found' };
  }
  const reason = webhookPauseReason(delivery);
  if (reason !== null) {
    return { kind: 'refused', reason };
  }
  if (due.some((attempt) => attempt.claimed || attempt.kind === 'manual')) {
    return { kind: 'under_way' };
  }
  return insertManualAttempt(em, organisationId, delivery);
}

async function lockDelivery(em: EntityManager, organisationId: number, id: number): Promise<Target | undefined> {
  const rows = await em.execute<Target[]>(
    `select delivery.id, delivery.test, delivery.automatic_attempts, delivery.manual_attempts,
            delivery.interrupted_attempts, webhook.enabled, webhook.deleted_at is not null as deleted, organisation.plan
       from delivery
       join webhook on webhook.id = delivery.webhook_id
       join organisation on organisation.id = delivery.organisation_id
      where delivery.id = ? and delivery.organisation_id = ?
        for update of delivery`,
    [id, organisationId],
  );
  return rows[0];
}

/** Two requests at the same moment meet at the primary key; the later one finds a call under way. */
async function insertManualAttempt(em: EntityManager, organisationId: number, delivery: Target): Promise<Redelivery> {
  const made = await em.execute<unknown[]>(
    `insert into due_attempt (delivery_id, kind, organisation_id, webhook_id, test, due_at, number)
     select id, 'manual', organisation_id, webhook_id, test, clock_timestamp(),
            automatic_attempts + manual_attempts + interrupted_attempts + 1
       from delivery where id = ? and organisation_id = ?
         on conflict do nothing returning delivery_id`,
    [delivery.id, organisationId],
  );
  if (made.length === 0) {
    return { kind: 'under_way' };
  }
  await em.execute(`update due_attempt set paused = true where delivery_id = ? and kind = 'automatic'`, [delivery.id]);
  return { kind: 'due' };
}
