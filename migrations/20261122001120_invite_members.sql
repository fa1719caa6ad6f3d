-- Only a hash of the link's token is kept: 256 random bits need no slow hash.
create table member_invitation (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  email text not null,
  name text not null,
  role text not null check (role in ('admin', 'developer', 'support_lead', 'viewer')),
  token_hash bytea not null unique,
  invited_by bigint not null references member,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);
-- Inviting somebody again replaces the link.
create unique index member_invitation_email on member_invitation (organisation_id, lower(email));

-- migrate:down
drop table member_invitation;
