-- Numbers of events and deliveries: 40 bits of milliseconds since 2026-01-01T00:00Z, then 12 bits of
-- a cyclic sequence. Thirteen hexadecimal digits, time-ordered, exact in a JavaScript number. Two
-- equal numbers (4,096 in one millisecond, a clock set back) meet as a key conflict: callers try again.
create sequence event_number minvalue 0 maxvalue 4095 cycle;
create sequence delivery_number minvalue 0 maxvalue 4095 cycle;

create function number_at(moment timestamptz) returns bigint
  language sql stable
  return (floor(extract(epoch from moment) * 1000)::bigint - 1767225600000) << 12;

create function next_event_id() returns bigint
  language sql volatile
  return number_at(clock_timestamp()) | nextval('event_number');

create function next_delivery_id() returns bigint
  language sql volatile
  return number_at(clock_timestamp()) | nextval('delivery_number');

create table event (
  id bigint primary key,
  organisation_id bigint not null,
  type text not null,
  record_type text not null,
  record_id bigint not null,
  -- json, not jsonb: kept as it was written and only ever handed on.
  snapshot json not null,
  changed_fields text[] not null default '{}',
  occurred_at timestamptz not null default clock_timestamp()
) partition by range (id);

-- One row for each consumer that still has to take an event in; it deletes its row in the transaction
-- that does its work, which is all the idempotency there is.
create table event_pending (
  consumer text not null,
  event_id bigint not null,
  primary key (consumer, event_id)
);

-- Which tables are cut by month, by an id of number_at(). Others add themselves.
create table monthly_partitioned (
  table_name text primary key
);
insert into monthly_partitioned values ('event');

-- Runs as the tables' owner, because the app's own role may not create tables.
create function create_month_partitions(months_ahead integer) returns integer
  language plpgsql security definer
  set search_path = public, pg_temp
  set timezone = 'UTC' as $$
declare
  parent text;
  month timestamptz;
  partition text;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('create_month_partitions'));
  for parent in select table_name from monthly_partitioned order by table_name loop
    -- From last month on: a database clock that is set back a little still finds a partition.
    for month in select generate_series(date_trunc('month', now()) - interval '1 month',
                                        date_trunc('month', now()) + make_interval(months => months_ahead),
                                        interval '1 month') loop
      partition := parent || '_' || to_char(month, 'YYYY_MM');
      if to_regclass(partition) is null then
        execute format('create table %I partition of %I for values from (%s) to (%s)', partition, parent,
                       number_at(month), number_at(month + interval '1 month'));
        made := made + 1;
      end if;
    end loop;
  end loop;
  return made;
end $$;

select create_month_partitions(12);

-- migrate:down
drop function create_month_partitions(integer);
drop table monthly_partitioned;
drop table event_pending;
drop table event;
drop function next_delivery_id();
drop function next_event_id();
drop function number_at(timestamptz);
drop sequence delivery_number;
drop sequence event_number;
