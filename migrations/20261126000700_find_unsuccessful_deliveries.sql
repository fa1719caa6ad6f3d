-- Deliveries that failed or were cancelled, to be found in a long log without reading all of it. Not an index of delivery:
-- one on its status would cost every success a new entry in each of its indexes.
create table unsuccessful_delivery (
  delivery_id bigint primary key,
  organisation_id bigint not null,
  status text not null check (status in ('failed', 'cancelled'))
) partition by range (delivery_id);
create index unsuccessful_delivery_by_status on unsuccessful_delivery (organisation_id, status, delivery_id desc);

insert into monthly_partitioned values ('unsuccessful_delivery');
select create_month_partitions(12);

-- For months that are longer ago, too.
do $$
declare
  month timestamptz;
begin
  set local timezone = 'UTC';
  for month in select month_of_partition(relname::text)
                 from pg_inherits join pg_class on pg_class.oid = inhrelid
                where inhparent = 'delivery'::regclass loop
    execute format('create table if not exists %I partition of unsuccessful_delivery for values from (%s) to (%s)',
                   'unsuccessful_delivery_' || to_char(month, 'YYYY_MM'),
                   number_at(month), number_at(month + interval '1 month'));
  end loop;
end $$;

insert into unsuccessful_delivery (delivery_id, organisation_id, status)
select id, organisation_id, status from delivery where status in ('failed', 'cancelled');

create function keep_unsuccessful_delivery() returns trigger language plpgsql as $$
begin
  if new.status in ('failed', 'cancelled') then
    insert into unsuccessful_delivery (delivery_id, organisation_id, status)
    values (new.id, new.organisation_id, new.status)
        on conflict (delivery_id) do update set status = excluded.status;
  else
    delete from unsuccessful_delivery where delivery_id = new.id;
  end if;
  return null;
end $$;
create trigger delivery_unsuccessful after update of status on delivery for each row
  when (old.status <> new.status and (new.status in ('failed', 'cancelled') or old.status in ('failed', 'cancelled')))
  execute function keep_unsuccessful_delivery();

-- migrate:down
drop trigger delivery_unsuccessful on delivery;
drop function keep_unsuccessful_delivery();
drop table unsuccessful_delivery;
delete from monthly_partitioned where table_name = 'unsuccessful_delivery';
