-- Who answers counts on from what they saw, so that of two at the same moment the later one looks again.
alter table invitation add column submissions integer not null default 0;

update invitation
   set submissions = counted.submissions
  from (select invitation_id, count(*) as submissions from submission group by invitation_id) counted
 where counted.invitation_id = invitation.id;

-- migrate:down
alter table invitation drop column submissions;
