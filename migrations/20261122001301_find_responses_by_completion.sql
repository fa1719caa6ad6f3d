-- The list of responses and the dashboard go by the moment of the answer, which moves when a later answer
-- replaces it; the id settles two of the same moment.
create index response_by_completion on response (organisation_id, completed_at desc, id desc);

-- migrate:down
drop index response_by_completion;
