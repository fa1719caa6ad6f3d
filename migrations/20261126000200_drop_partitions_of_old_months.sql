-- The first moment of a partition's month, by its name, in the session's time zone; null for what is no partition. Asked
-- of any relation: the planner may look at names before it knows which of them are partitions.
create function month_of_partition(name text) returns timestamptz
  language sql stable as $$
  select case when name ~ '_2\d{3}_(0[1-9]|1[0-2])$' then to_date(right(name, 7), 'YYYY_MM')::timestamptz end
$$;

-- Drops the partition of the oldest month that ended longer ago than `keep`, and answers its name; null when there is
-- none. A month that something due still needs stays: its deliveries, or the events that they are about. What another
-- transaction reads just now stays too, until the next try: nobody waits behind this one for longer than a moment.
-- Runs as the tables' owner, because the app's own role may drop no tables.
create function drop_old_partition(parent text, keep interval) returns text
  language plpgsql security definer
  set search_path = public, pg_temp
  set timezone = 'UTC'
  set lock_timeout = '500ms' as $$
declare
  old record;
  is_needed boolean;
begin
  if not exists (select from monthly_partitioned where table_name = parent) then
    raise exception '% is not cut by month', parent;
  end if;
  for old in
    select name, number_at(month) as first, number_at(month + interval '1 month') as behind
      from (select relname::text as name, month_of_partition(relname::text) as month
              from pg_inherits join pg_class on pg_class.oid = inhrelid
             where inhparent = parent::regclass) partition
     where month + interval '1 month' <= clock_timestamp() - keep
     order by month
  loop
    if parent = 'event' then
      select exists (select from event_pending where event_id >= old.first and event_id < old.behind)
          or exists (select from due_attempt join delivery_event using (delivery_id)
                      where event_id >= old.first and event_id < old.behind)
        into is_needed;
    else
      select exists (select from due_attempt where delivery_id >= old.first and delivery_id < old.behind) into is_needed;
    end if;
    if not is_needed then
      execute format('drop table %I', old.name);
      return old.name;
    end if;
  end loop;
  return null;
end $$;

-- Full months ahead, this one not counted, for which the table that is cut the least far has partitions.
create function months_ahead() returns integer
  language sql stable
  set search_path = public, pg_temp
  set timezone = 'UTC' as $$
  select coalesce(min(ahead), 0)::integer
    from (select count(month) filter (where month > date_trunc('month', now())) as ahead
            from monthly_partitioned
            left join (select inhparent, month_of_partition(relname::text) as month
                         from pg_inherits join pg_class on pg_class.oid = inhrelid) partition
              on inhparent = table_name::regclass
           group by table_name) counted
$$;

-- migrate:down
drop function months_ahead();
drop function drop_old_partition(text, interval);
drop function month_of_partition(text);
