-- Who did what. The actor's e-mail is kept beside the id, because the trail has to read the same for ever.
create table audit_entry (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  actor_id bigint references member,
  actor_email text,
  action text not null,
  target text,
  details jsonb not null default '{}',
  address text,
  at timestamptz not null default clock_timestamp()
);
create index audit_entry_by_organisation on audit_entry (organisation_id, id desc);

create function refuse_change_of_audit_trail() returns trigger language plpgsql as $$
begin
  raise exception 'The audit trail is only added to.';
end
$$;
create trigger audit_entry_stays before update or delete on audit_entry
  for each row execute function refuse_change_of_audit_trail();

-- migrate:down
drop table audit_entry;
drop function refuse_change_of_audit_trail();
