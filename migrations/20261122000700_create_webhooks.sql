-- "authorization" is a reserved word of SQL, so the table is named for what it holds.
create table webhook_authorization (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  name text not null,
  kind text not null check (kind in ('basic')),
  username text not null default '',
  password_encrypted text,
  created_at timestamptz not null default clock_timestamp()
);
create index webhook_authorization_by_organisation on webhook_authorization (organisation_id);

create table webhook (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  name text not null,
  -- The survey webhooks of Preferences are presets; one of each kind in an organisation.
  preset text check (preset in ('transactional_survey', 'relationship_survey')),
  enabled boolean not null default false,
  trigger jsonb not null,
  request jsonb not null,
  policy jsonb not null,
  maximum_concurrency integer not null default 16 check (maximum_concurrency > 0),
  authorization_id bigint references webhook_authorization,
  -- Rises with every change of the webhook, its authorization or its secrets: workers keep what they
  -- read until it does.
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  deleted_at timestamptz
);
create unique index webhook_preset on webhook (organisation_id, preset) where deleted_at is null;

-- Several secrets sign side by side while one replaces another.
create table signing_secret (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  webhook_id bigint not null references webhook,
  secret_encrypted text,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz
);
create index signing_secret_by_webhook on signing_secret (webhook_id);

create function touch_webhook() returns trigger language plpgsql as $$
begin
  new.version := old.version + 1;
  new.updated_at := clock_timestamp();
  return new;
end $$;
create trigger webhook_changed before update on webhook for each row execute function touch_webhook();

create function touch_webhooks_of_authorization() returns trigger language plpgsql as $$
begin
  update webhook set version = version where authorization_id = new.id;
  return null;
end $$;
create trigger webhook_authorization_changed after update on webhook_authorization
  for each row execute function touch_webhooks_of_authorization();

create function touch_webhook_of_secret() returns trigger language plpgsql as $$
begin
  update webhook set version = version where id = coalesce(new.webhook_id, old.webhook_id);
  return null;
end $$;
create trigger signing_secret_changed after insert or update or delete on signing_secret
  for each row execute function touch_webhook_of_secret();

-- migrate:down
drop table signing_secret;
drop table webhook;
drop table webhook_authorization;
drop function touch_webhook_of_secret();
drop function touch_webhooks_of_authorization();
drop function touch_webhook();
