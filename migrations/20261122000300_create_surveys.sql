create table survey (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  code text not null,
  listening_post text not null check (listening_post in ('transactional', 'relationship')),
  description text not null,
  language text not null default 'en',
  thank_you_text text not null default 'Thank you. Your answer goes straight to the people who can act on it.',
  created_at timestamptz not null default clock_timestamp(),
  unique (organisation_id, code)
);

-- migrate:down
drop table survey;
