-- What the log's list shows stands in the delivery's own row, so that the list is one index scan.
-- None of the columns that change are indexed: the record step's updates stay within their page.
create table delivery (
  id bigint primary key,
  organisation_id bigint not null,
  webhook_id bigint not null,
  test boolean not null default false,
  listening_post text not null,
  record_type text not null,
  record_id bigint not null,
  ticket_id text not null,
  status text not null default 'in_progress' check (status in ('in_progress', 'succeeded', 'failed', 'cancelled')),
  automatic_attempts integer not null default 0,
  manual_attempts integer not null default 0,
  interrupted_attempts integer not null default 0,
  last_outcome text,
  last_response_code integer,
  last_response text not null default '',
  last_activity_at timestamptz,
  created_at timestamptz not null default clock_timestamp()
) partition by range (id);
create index delivery_by_organisation on delivery (organisation_id, id desc);
create index delivery_by_record on delivery (organisation_id, record_type, record_id, id desc);
create index delivery_by_ticket on delivery (organisation_id, ticket_id, id desc);

-- A batch delivers several events at once.
create table delivery_event (
  delivery_id bigint not null,
  position integer not null,
  organisation_id bigint not null,
  event_id bigint not null,
  primary key (delivery_id, position)
) partition by range (delivery_id);

-- The request's body as first rendered, kept as text and never parsed again: every attempt sends it.
create table delivery_request (
  delivery_id bigint primary key,
  organisation_id bigint not null,
  content_type text not null,
  body text not null,
  rendered_at timestamptz not null default clock_timestamp()
) partition by range (delivery_id);

create table attempt (
  delivery_id bigint not null,
  number integer not null,
  organisation_id bigint not null,
  manual boolean not null,
  outcome text not null,
  message text not null,
  response_code integer,
  started_at timestamptz not null,
  duration_ms integer not null,
  primary key (delivery_id, number)
) partition by range (delivery_id);

-- The HTTP calls one attempt took (a renewed token makes two). Headers are stored as JSON text,
-- credentials already masked.
create table exchange (
  delivery_id bigint not null,
  attempt_number integer not null,
  position integer not null,
  organisation_id bigint not null,
  method text not null,
  url text not null,
  request_headers text not null,
  status integer,
  reply_headers text not null,
  reply_truncated boolean not null,
  reply_error text,
  duration_ms integer not null,
  primary key (delivery_id, attempt_number, position)
) partition by range (delivery_id);

-- Apart from the exchange, because replies are kept for less long; bytes, because they may be anything.
create table reply_body (
  delivery_id bigint not null,
  attempt_number integer not null,
  position integer not null,
  organisation_id bigint not null,
  body bytea not null,
  primary key (delivery_id, attempt_number, position)
) partition by range (delivery_id);

insert into monthly_partitioned
values ('delivery'), ('delivery_event'), ('delivery_request'), ('attempt'), ('exchange'), ('reply_body');
select create_month_partitions(12);

-- The queue: one row for each attempt still to make, as long as the work that is left. A lane is
-- (organisation_id, webhook_id, test). Claims look only here.
create table due_attempt (
  delivery_id bigint not null,
  kind text not null check (kind in ('automatic', 'manual')),
  organisation_id bigint not null,
  webhook_id bigint not null,
  test boolean not null,
  due_at timestamptz not null,
  -- The number this attempt will have.
  number integer not null,
  -- Automatic attempts that were made and failed; interrupted ones do not count.
  spent integer not null default 0,
  -- Interruptions in a row.
  interruptions integer not null default 0,
  -- An automatic attempt waits while a manual one of the same delivery is due or under way.
  paused boolean not null default false,
  claim_id uuid,
  claimed_at timestamptz,
  claimed_until timestamptz,
  primary key (delivery_id, kind)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index due_attempt_by_lane on due_attempt (organisation_id, webhook_id, test, due_at)
  where claim_id is null and not paused;
create index due_attempt_claimed_by_webhook on due_attempt (webhook_id) where claim_id is not null;
create index due_attempt_lease on due_attempt (claimed_until) where claim_id is not null;

-- migrate:down
drop table due_attempt;
drop table reply_body;
drop table exchange;
drop table attempt;
drop table delivery_request;
drop table delivery_event;
drop table delivery;
delete from monthly_partitioned where table_name <> 'event';
