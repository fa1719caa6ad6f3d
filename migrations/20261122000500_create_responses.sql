-- A response is what a customer answers now; a submission is each time they sent the form. The
-- context (group, agent, customer, segments) is as it was when they answered.
create table response (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  survey_id bigint not null references survey,
  invitation_id bigint not null references invitation,
  listening_post text not null,
  survey_description text not null,
  language text not null,
  ticket_id text not null,
  support_group_code text not null,
  agent_id text not null,
  customer_id text not null,
  customer_name text not null,
  customer_email text not null,
  segment_code text not null,
  segment_2_code text not null,
  overall smallint not null check (overall between 0 and 10),
  factors text[] not null,
  comments text not null,
  completed_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp()
);
create index response_by_organisation on response (organisation_id, id desc);
create index response_by_invitation on response (invitation_id, completed_at desc);

create table submission (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  invitation_id bigint not null references invitation,
  response_id bigint not null references response,
  form_id text,
  overall smallint not null,
  factors text[] not null,
  comments text not null,
  submitted_at timestamptz not null
);
-- The one-time id of a form: sending it twice changes nothing.
create unique index submission_form on submission (invitation_id, form_id);
create index submission_by_response on submission (response_id, id);

-- Service recovery: what members write beside a response.
create table note (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  response_id bigint not null references response,
  author_id bigint not null references member,
  text text not null,
  created_at timestamptz not null default clock_timestamp()
);
create index note_by_response on note (response_id, id);

-- migrate:down
drop table note;
drop table submission;
drop table response;
