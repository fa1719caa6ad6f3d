-- The columns of a delivery that change are not indexed, so that its changes need no new entries in its five indexes: where
-- its page has room for another version of the row. A page is therefore half filled at first; the other half is what
-- changed rows took elsewhere before.
alter table monthly_partitioned add column fillfactor integer not null default 100;
update monthly_partitioned set fillfactor = 50 where table_name = 'delivery';

create or replace function create_month_partitions(months_ahead integer) returns integer
  language plpgsql security definer
  set search_path = public, pg_temp
  set timezone = 'UTC' as $$
declare
  cut record;
  month timestamptz;
  partition text;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('create_month_partitions'));
  for cut in select table_name, fillfactor from monthly_partitioned order by table_name loop
    -- From last month on: a database clock that is set back a little still finds a partition.
    for month in select generate_series(date_trunc('month', now()) - interval '1 month',
                                        date_trunc('month', now()) + make_interval(months => months_ahead),
                                        interval '1 month') loop
      partition := cut.table_name || '_' || to_char(month, 'YYYY_MM');
      if to_regclass(partition) is null then
        execute format('create table %I partition of %I for values from (%s) to (%s) with (fillfactor = %s)',
                       partition, cut.table_name, number_at(month), number_at(month + interval '1 month'), cut.fillfactor);
        made := made + 1;
      end if;
    end loop;
  end loop;
  return made;
end $$;

do $$
declare
  partition regclass;
begin
  for partition in select inhrelid::regclass from pg_inherits where inhparent = 'delivery'::regclass loop
    execute format('alter table %s set (fillfactor = 50)', partition);
  end loop;
end $$;

-- One index of what is claimed instead of two: those whose lease is over are found among the few that are claimed at all.
drop index due_attempt_lease;
drop index due_attempt_claimed_by_webhook;
create index due_attempt_claimed on due_attempt (webhook_id, claimed_until) where claim_id is not null;

-- migrate:down
drop index due_attempt_claimed;
create index due_attempt_claimed_by_webhook on due_attempt (webhook_id) where claim_id is not null;
create index due_attempt_lease on due_attempt (claimed_until) where claim_id is not null;

do $$
declare
  partition regclass;
begin
  for partition in select inhrelid::regclass from pg_inherits where inhparent = 'delivery'::regclass loop
    execute format('alter table %s reset (fillfactor)', partition);
  end loop;
end $$;

create or replace function create_month_partitions(months_ahead integer) returns integer
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

alter table monthly_partitioned drop column fillfactor;
