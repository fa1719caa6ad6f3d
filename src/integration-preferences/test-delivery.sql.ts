import type { SqlStatement } from '../database/database-pool.js';

/** One test delivery ($2) of an organisation ($1), with what came of its last attempt. */
export const testDeliveryStatement: SqlStatement = {
  name: 'test_delivery',
  text: `
select delivery.id, delivery.webhook_id, delivery.status, delivery.last_activity_at, attempt.message,
       attempt.outcome = 'succeeded' as succeeded, due.due_at as next_due_at, due.claim_id is not null as under_way
  from delivery
  left join attempt on attempt.delivery_id = $2
   and attempt.number = delivery.automatic_attempts + delivery.manual_attempts + delivery.interrupted_attempts
  left join due_attempt due on due.delivery_id = $2 and due.kind = 'automatic'
 where delivery.id = $2 and delivery.organisation_id = $1 and delivery.test`,
};

export interface TestDeliveryRow {
  id: number;
  webhook_id: number;
  status: 'in_progress' | 'succeeded' | 'failed' | 'cancelled';
  last_activity_at: Date | null;
  message: string | null;
  succeeded: boolean | null;
  next_due_at: Date | null;
  under_way: boolean | null;
}
