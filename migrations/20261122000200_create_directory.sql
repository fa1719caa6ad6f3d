-- The codes a survey link may carry. Invitations and responses keep codes as text, without a foreign
-- key: an unknown code never costs an answer, and it heals when the code is created.
create table support_group (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  code text not null,
  name text not null,
  unique (organisation_id, code)
);

create table segment (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references organisation,
  code text not null,
  name text not null,
  unique (organisation_id, code)
);

-- migrate:down
drop table segment;
drop table support_group;
