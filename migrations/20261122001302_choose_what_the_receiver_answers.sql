-- How an organisation's built-in receiver answers. No row: with 200.
create table receiver_setting (
  organisation_id bigint primary key references organisation,
  answer text not null check (answer in ('ok', 'error', 'code', 'hang', 'reset', 'slow')),
  -- Of the answer "code".
  code smallint not null default 404 check (code between 200 and 599),
  -- Of the answer "slow".
  seconds smallint not null default 5 check (seconds between 1 and 60),
  updated_at timestamptz not null default clock_timestamp()
);

-- What each call got, in words: the setting may have changed since.
alter table receiver_call add column answered text not null default 'Answered 200.';

-- migrate:down
alter table receiver_call drop column answered;
drop table receiver_setting;
