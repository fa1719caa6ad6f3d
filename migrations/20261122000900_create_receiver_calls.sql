-- The last hundred calls that an organisation's built-in receiver got.
create table receiver_call (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  method text not null,
  path text not null,
  headers json not null,
  body bytea not null,
  body_truncated boolean not null,
  received_at timestamptz not null default clock_timestamp()
);
create index receiver_call_by_organisation on receiver_call (organisation_id, id desc);

-- migrate:down
drop table receiver_call;
