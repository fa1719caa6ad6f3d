import type { SqlStatement } from '../database/database-pool.js';
import { foundBy } from '../database/found-by.js';

/** The requests of these deliveries ($1) as they were first rendered, of those that have been. */
export const keptRequestsStatement: SqlStatement = {
  name: 'kept_requests',
  text: `select delivery_id, content_type, body from delivery_request where delivery_id = any($1::bigint[])`,
};

export interface KeptRequestRow {
  delivery_id: number;
  content_type: string;
  body: string;
}

/**
 * The events that these deliveries ($1) tell about. A delivery has one, at position 0. The array is hidden from the planner,
 * which would otherwise plan the statement anew for each array, and take twice as long for that as for the rest. In return
 * it looks into the index of each month that is kept, and not of those of the deliveries alone.
 */
export const deliveredEventsStatement: SqlStatement = {
  name: 'delivered_events',
  text: `
select delivery_event.delivery_id, event.record_type, event.snapshot
  from delivery_event
  join event on ${foundBy('event.id', 'delivery_event.event_id')}
 where delivery_event.delivery_id = any(array(select unnest($1::bigint[]))) and delivery_event.position = 0`,
};

export interface DeliveredEventRow {
  delivery_id: number;
  record_type: string;
  snapshot: Record<string, unknown>;
}

/** The traces that these deliveries ($1) belong to, of those that belong to one. */
export const loadTracesStatement: SqlStatement = {
  name: 'load_traces',
  text: `select id, traceparent from delivery where id = any($1::bigint[]) and traceparent is not null`,
};

/**
 * Keeps rendered requests before they are sent, so that whatever happens in the call, every later
 * attempt sends the same. Parallel arrays: $1 delivery, $2 organisation, $3 content type, $4 body.
 * A request that is there already stays: another worker was first, and its call may be under way. Answers how many were
 * not there yet. Its commit has to be waited for: it is what puts the dispatch before it on the disk as well.
 */
export const keepRequestsStatement: SqlStatement = {
  name: 'keep_requests',
  text: `
with kept as (
  insert into delivery_request (delivery_id, organisation_id, content_type, body)
  select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])
      on conflict (delivery_id) do nothing
  returning 1
)
select count(*)::integer as kept from kept`,
};

/** Everything about these webhooks ($1) that a call needs, secrets still encrypted. */
export const loadWebhooksStatement: SqlStatement = {
  name: 'load_webhooks',
  text: `
select webhook.id, webhook.organisation_id, webhook.version, webhook.request, webhook.policy,
       auth.id as authorization_id, auth.username, auth.password_encrypted,
       array(select json_build_object('id', secret.id, 'encrypted', secret.secret_encrypted)
               from signing_secret secret
              where secret.webhook_id = webhook.id and secret.secret_encrypted is not null
                and (secret.expires_at is null or secret.expires_at > clock_timestamp())
              order by secret.id desc) as secrets
  from webhook
  left join webhook_authorization auth on auth.id = webhook.authorization_id
 where webhook.id = any($1::bigint[])`,
};

export interface WebhookRow {
  id: number;
  organisation_id: number;
  version: number;
  request: import('../webhooks/webhook-definition.js').RequestDefinition;
  policy: import('../webhooks/webhook-definition.js').DeliveryPolicy;
  authorization_id: number | null;
  username: string | null;
  password_encrypted: string | null;
  secrets: { id: number; encrypted: string }[];
}
