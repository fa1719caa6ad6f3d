import type { Organisation } from '../accounts/organisation.entity.js';
import { Problem } from '../web/problem.js';

export const PLAN_WITHOUT_WEBHOOKS = 'The Basic plan has no webhooks: the Corporate or the Enterprise plan is needed.';

/** @throws Problem 403 on a plan without webhooks */
export function requirePlan(organisation: Organisation): void {
  if (!organisation.mayUseWebhooks()) {
    throw new Problem(403, 'plan_without_webhooks', PLAN_WITHOUT_WEBHOOKS);
  }
}
