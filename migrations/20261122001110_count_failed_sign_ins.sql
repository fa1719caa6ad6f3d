-- Failures of signing in, as buckets that leak (src/accounts/sign-in-throttle.ts has the rule). The key is a
-- hash, because people type passwords where the e-mail belongs.
create table sign_in_counter (
  key bytea primary key,
  level real not null default 0,
  counted_at timestamptz not null default clock_timestamp(),
  -- Only in an account's counter: what the audit trail has not told yet, and when it last told.
  untold integer not null default 0,
  told_at timestamptz
);
create index sign_in_counter_by_age on sign_in_counter (counted_at);

-- From where an account was signed in to before.
create table sign_in_address (
  key bytea primary key,
  last_used_at timestamptz not null default clock_timestamp()
);
create index sign_in_address_by_age on sign_in_address (last_used_at);

-- migrate:down
drop table sign_in_address;
drop table sign_in_counter;
