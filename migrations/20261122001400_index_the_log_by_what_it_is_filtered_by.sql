-- The log's filters. Only columns that never change are indexed, so that the record step's updates still stay within
-- their page; a filter by status walks the log, newest first, until its page is full.
create index delivery_by_webhook on delivery (organisation_id, webhook_id, id desc);
-- Nearly all deliveries are of this listening post, and cost nothing here: a filter by it finds them anyway, and a
-- filter by another one would read the whole log in vain.
create index delivery_by_other_listening_post on delivery (organisation_id, listening_post, id desc)
  where listening_post <> 'transactional';

-- migrate:down
drop index delivery_by_other_listening_post;
drop index delivery_by_webhook;
