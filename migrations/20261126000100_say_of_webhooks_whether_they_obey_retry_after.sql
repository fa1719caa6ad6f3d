-- The survey webhooks keep to their schedule; the others heed what a receiver asks for.
update webhook set policy = policy || jsonb_build_object('obeysRetryAfter', preset is null);

-- migrate:down
update webhook set policy = policy - 'obeysRetryAfter';
