-- An organisation is a customer of Answerback; everything else belongs to one.
create table organisation (
  id bigint generated always as identity primary key,
  name text not null,
  portal_code text not null unique,
  plan text not null check (plan in ('basic', 'corporate', 'enterprise')),
  time_zone text not null default 'UTC',
  created_at timestamptz not null default clock_timestamp()
);

create table member (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  email text not null,
  name text not null,
  password_hash text not null,
  role text not null check (role in ('admin', 'developer', 'support_lead', 'viewer')),
  created_at timestamptz not null default clock_timestamp()
);
create unique index member_email on member (lower(email));
create index member_by_organisation on member (organisation_id);

-- Server-side sessions, in the shape connect-pg-simple reads.
create table session (
  sid text primary key,
  sess json not null,
  expire timestamptz not null
);
create index session_by_expiry on session (expire);

-- Only a hash of the key is kept: 256 random bits need no slow hash.
create table api_key (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  name text not null,
  key_hash bytea not null unique,
  created_at timestamptz not null default clock_timestamp(),
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_key_by_organisation on api_key (organisation_id);

-- migrate:down
drop table api_key;
drop table session;
drop table member;
drop table organisation;
