-- When a webhook that had been on was off, in numbers of events, so that what happened meanwhile can be delivered later.
create table webhook_off_period (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  webhook_id bigint not null references webhook,
  first_event_id bigint not null,
  -- Null while it lasts.
  behind_event_id bigint
);
create index webhook_off_period_by_webhook on webhook_off_period (webhook_id, id desc);

-- What was not dispatched yet is missed, too, and so is what a transaction under way is about to commit under a number
-- that it has drawn already; where it was not missed, its delivery says so.
create function keep_webhook_off_period() returns trigger language plpgsql as $$
begin
  if new.enabled then
    update webhook_off_period set behind_event_id = number_at(clock_timestamp())
     where webhook_id = new.id and behind_event_id is null;
  else
    insert into webhook_off_period (organisation_id, webhook_id, first_event_id)
    select new.organisation_id, new.id,
           least(number_at(clock_timestamp() - interval '5 seconds'),
                 (select min(event_id) from event_pending where consumer = 'delivery'));
  end if;
  return null;
end $$;
create trigger webhook_switched after update of enabled on webhook for each row
  when (old.enabled is distinct from new.enabled) execute function keep_webhook_off_period();

-- Many deliveries made again, step by step. A step moves the cursor in the transaction that does its work.
create table bulk_redelivery (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  -- selection: these deliveries; failed: deliveries that failed; missed: events while the webhook was off.
  kind text not null check (kind in ('selection', 'failed', 'missed')),
  -- Null: of every webhook.
  webhook_id bigint references webhook,
  delivery_ids jsonb,
  -- Numbers of deliveries or, of what was missed, of events: from one, below the other.
  from_id bigint not null,
  before_id bigint not null,
  per_second integer not null check (per_second between 1 and 500),
  -- Counted when it began.
  found integer not null,
  redelivered integer not null default 0,
  skipped integer not null default 0,
  -- Everything up to this number was looked at.
  done_id bigint not null default 0,
  status text not null default 'running' check (status in ('running', 'done', 'cancelled')),
  -- An e-mail or, of the API, null.
  requested_by text,
  created_at timestamptz not null default clock_timestamp(),
  stepped_at timestamptz,
  ended_at timestamptz
);
create index bulk_redelivery_by_organisation on bulk_redelivery (organisation_id, id desc);
-- One at a time: two over the same deliveries would send each twice.
create unique index bulk_redelivery_running on bulk_redelivery (organisation_id) where status = 'running';

-- migrate:down
drop table bulk_redelivery;
drop trigger webhook_switched on webhook;
drop function keep_webhook_off_period();
drop table webhook_off_period;
