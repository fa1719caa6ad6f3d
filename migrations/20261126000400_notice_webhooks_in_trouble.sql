-- Webhooks whose attempts fail: a row from the first failure on, deleted by the next success. Most webhooks have none.
-- No foreign key: a recorder that waits for somebody who edits the webhook could wait in a circle.
create table webhook_trouble (
  webhook_id bigint primary key,
  organisation_id bigint not null,
  failing_since timestamptz not null,
  last_failed_at timestamptz not null,
  -- In a row.
  failures integer not null,
  -- When its receiver answered 410: it wants no more calls.
  gone_at timestamptz,
  -- The circuit has been open since; before open_until nothing is called by itself, and from then on one call at a time.
  opened_at timestamptz,
  open_until timestamptz
) with (fillfactor = 50);
create index webhook_trouble_by_organisation on webhook_trouble (organisation_id);

-- What a person asked for goes past an open circuit, and is found without reading all that waits for it.
create index due_attempt_by_hand on due_attempt (webhook_id, due_at)
  where kind = 'manual' and claim_id is null and not paused;

-- Whoever changes a webhook wants to see whether it works now; whoever switches it on begins anew.
create function look_again_at_webhook() returns trigger language plpgsql as $$
begin
  if new.enabled and not old.enabled then
    delete from webhook_trouble where webhook_id = new.id;
  else
    update webhook_trouble set open_until = clock_timestamp()
     where webhook_id = new.id and open_until > clock_timestamp();
  end if;
  return null;
end $$;
create trigger webhook_changed_in_trouble after update on webhook for each row execute function look_again_at_webhook();

update webhook set policy = policy || jsonb_build_object(
  'circuit', case when preset is null then jsonb_build_object('failures', 20, 'probeSeconds', 60) end,
  'switchesOff', preset is null);

-- migrate:down
update webhook set policy = policy - 'circuit' - 'switchesOff';
drop trigger webhook_changed_in_trouble on webhook;
drop function look_again_at_webhook();
drop index due_attempt_by_hand;
drop table webhook_trouble;
