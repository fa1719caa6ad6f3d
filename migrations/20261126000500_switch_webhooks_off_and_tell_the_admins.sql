-- Set when a webhook was switched off by itself; whoever switches it, on or off for good, takes note of it.
alter table webhook
  add column switched_off_at timestamptz,
  add column switched_off_because text check (switched_off_because in ('gone', 'failing'));

alter table webhook_trouble add column told_at timestamptz;

-- E-mails to send: made in the transaction of what they tell of, sent by whichever process comes first.
create table mail (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  recipient text not null,
  subject text not null,
  body text not null,
  status text not null default 'waiting' check (status in ('waiting', 'sent', 'failed')),
  -- Tries that were begun; each moves due_at to when the next one begins unless this one ends well.
  tries integer not null default 0,
  due_at timestamptz not null default clock_timestamp(),
  last_error text,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index mail_due on mail (due_at) where status = 'waiting';
create index mail_ended on mail (ended_at) where ended_at is not null;

-- migrate:down
drop table mail;
alter table webhook_trouble drop column told_at;
alter table webhook drop column switched_off_at, drop column switched_off_because;
