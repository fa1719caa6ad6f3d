-- Submissions so far. Who answers counts on from what they saw, so that of two at the same moment the later one looks again.
alter table invitation add column answers integer not null default 0;

update invitation
   set answers = counted.answers
  from (select invitation_id, count(*) as answers from submission group by invitation_id) counted
 where counted.invitation_id = invitation.id;

-- migrate:down
alter table invitation drop column answers;
