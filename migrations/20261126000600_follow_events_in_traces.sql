-- The request that an event came from, as W3C Trace Context writes it, where traces are on.
alter table event add column traceparent text;
alter table delivery add column traceparent text;

-- migrate:down
alter table delivery drop column traceparent;
alter table event drop column traceparent;
