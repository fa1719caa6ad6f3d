-- What a member wrote stays when the member goes, so that the row stays too; the address is free for another.
alter table member
  add column removed_at timestamptz,
  add column last_signed_in_at timestamptz,
  add column session_version integer not null default 1;
drop index member_email;
create unique index member_email on member (lower(email)) where removed_at is null;

-- Whose session it is, read from what passport keeps there; nobody's before signing in.
alter table session
  add column member_id bigint generated always as ((sess #>> '{passport,user,memberId}')::bigint) stored;
create index session_by_member on session (member_id) where member_id is not null;

-- migrate:down
drop index session_by_member;
alter table session drop column member_id;
drop index member_email;
alter table member
  drop column session_version,
  drop column last_signed_in_at,
  drop column removed_at;
create unique index member_email on member (lower(email));
