import type { EntityManager } from '@mikro-orm/postgresql';

/**
 * Deletes a webhook and cancels what is due; run it in a transaction. A call under way ends and is
 * recorded: a success still counts, a failure leaves the delivery cancelled. The log keeps everything.
 */
export async function deleteWebhook(em: EntityManager, organisationId: number, webhookId: number): Promise<boolean> {
  const deleted = await em.execute<unknown[]>(
    `update webhook set deleted_at = clock_timestamp(), enabled = false
      where id = ? and organisation_id = ? and deleted_at is null returning id`,
    [webhookId, organisationId],
  );
  if (deleted.length === 0) {
    return false;
  }
  // Row locks first in due_attempt, then in delivery, in the order in which the record step takes them.
  await em.execute('select 1 from due_attempt where webhook_id = ? order by delivery_id, kind desc for update', [
    webhookId,
  ]);
  await em.execute(
    `update delivery set status = 'cancelled'
      where status = 'in_progress' and id in (select delivery_id from due_attempt where webhook_id = ?)`,
    [webhookId],
  );
  await em.execute('delete from due_attempt where webhook_id = ? and claim_id is null', [webhookId]);
  return true;
}
