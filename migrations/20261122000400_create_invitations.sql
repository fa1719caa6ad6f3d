-- One customer asked about one ticket. The link's token is found by its hash and kept encrypted, so
-- that a copy of the database opens no survey and the same ticket still gets the same link.
create table invitation (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  survey_id bigint not null references survey,
  ticket_id text not null,
  token_hash bytea not null unique,
  token_encrypted text not null,
  support_group_code text not null,
  agent_id text not null default '',
  customer_id text not null default '',
  customer_name text not null default '',
  customer_email text not null default '',
  segment_code text not null default '',
  segment_2_code text not null default '',
  language text not null,
  expires_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  unique (survey_id, ticket_id)
);
create index invitation_by_organisation on invitation (organisation_id, id);

-- migrate:down
drop table invitation;
