/** Deliveries that ended long ago, written straight into the log: what a log looks like after years. */

const CHUNK = 50_000;
/** Of a hundred, so many failed for good after five attempts. */
const FAILED_OF_100 = 1;
const DAYS = 120;

/**
 * Fills the log of an organisation, evenly over the last months, with what a real delivery of the survey payload leaves:
 * an event, the request, attempts with their exchanges, and short replies. The events must be as long as those that come
 * behind them: shorter ones would each find its place in what is left free of an old page, and fetch it from the disk.
 *
 * @param {(done: number) => void} tell called now and then
 */
export async function addFinished(
  ground,
  { organisationId, webhookIds },
  count,
  { snapshot, body, tell = () => undefined },
) {
  const { admin } = ground;
  await makeOldPartitions(admin);
  for (let done = 0; done < count; done += CHUNK) {
    const size = Math.min(CHUNK, count - done);
    await admin.query(fillSql, [organisationId, webhookIds, done, size, count, body, snapshot]);
    tell(done + size);
  }
  await admin.query('vacuum analyze');
  // A log that has grown over months was written out long ago.
  await admin.query('checkpoint');
}

/** As they would have been made when their months began. */
async function makeOldPartitions(admin) {
  const { rows } = await admin.query('select table_name from monthly_partitioned');
  for (const { table_name: parent } of rows) {
    for (let back = Math.ceil(DAYS / 28) + 1; back >= 1; back -= 1) {
      await admin.query(
        `do $$
         declare month timestamptz := date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' - interval '${back} months';
                 name text := '${parent}_' || to_char(month at time zone 'UTC', 'YYYY_MM');
         begin
           if to_regclass(name) is null then
             execute format('create table %I partition of ${parent} for values from (%s) to (%s)', name,
                            number_at(month), number_at(month + interval '1 month'));
             execute format('alter table %I owner to %I', name, (select tableowner from pg_tables where tablename = '${parent}'));
           end if;
         end $$`,
      );
    }
  }
}

/** $1 organisation, $2 webhooks, $3 how many were made before, $4 how many now, $5 how many in all, $6 the request, $7 the event. */
const fillSql = `
with made as materialized (
  select number_at(now() - interval '${DAYS} days' + interval '${DAYS} days' * (n::double precision / $5::bigint) - interval '1 hour')
           | (n % 4096) as id,
         ($2::bigint[])[1 + n % cardinality($2::bigint[])] as webhook_id, n,
         n % 100 < ${FAILED_OF_100} as failed
    from generate_series($3::bigint, $3::bigint + $4::bigint - 1) n
),
event as (
  insert into event (id, organisation_id, type, record_type, record_id, snapshot, occurred_at)
  select id, $1::bigint, 'response.completed', 'response', n, $7::json, now() from made
      on conflict do nothing
),
delivery as (
  insert into delivery (id, organisation_id, webhook_id, listening_post, record_type, record_id, ticket_id, status,
                        automatic_attempts, last_outcome, last_response_code, last_response, last_activity_at, created_at)
  select id, $1::bigint, webhook_id, 'transactional', 'response', n, 'INC' || n,
         case when failed then 'failed' else 'succeeded' end, case when failed then 5 else 1 end,
         case when failed then 'rejected' else 'succeeded' end, case when failed then 503 else 200 end, 'ok',
         now(), now()
    from made
      on conflict do nothing
),
unsuccessful as (
  insert into unsuccessful_delivery (delivery_id, organisation_id, status)
  select id, $1::bigint, 'failed' from made where failed
      on conflict do nothing
),
told as (
  insert into delivery_event (delivery_id, position, organisation_id, event_id)
  select id, 0, $1::bigint, id from made
      on conflict do nothing
),
request as (
  insert into delivery_request (delivery_id, organisation_id, content_type, body)
  select id, $1::bigint, 'application/json', $6::text from made
      on conflict do nothing
),
attempt as (
  insert into attempt (delivery_id, number, organisation_id, manual, outcome, message, response_code, started_at, duration_ms)
  select id, number, $1::bigint, false, case when failed then 'rejected' else 'succeeded' end, 'The receiver answered.',
         case when failed then 503 else 200 end, now(), 20
    from made cross join lateral generate_series(1, case when failed then 5 else 1 end) number
      on conflict do nothing
),
exchange as (
  insert into exchange (delivery_id, attempt_number, position, organisation_id, method, url, request_headers, status,
                        reply_headers, reply_truncated, duration_ms)
  select id, number, 0, $1::bigint, 'POST', 'https://hooks.example.com/answers', '[["Content-Type","application/json"],' ||
         '["User-Agent","Answerback"],["Authorization","…"],["webhook-id","0000000000000"],["webhook-timestamp","1795700000"],' ||
         '["webhook-signature","v1,0123456789012345678901234567890123456789012="]]',
         case when failed then 503 else 200 end, '[["content-type","text/plain"],["content-length","2"]]', false, 20
    from made cross join lateral generate_series(1, case when failed then 5 else 1 end) number
      on conflict do nothing
)
insert into reply_body (delivery_id, attempt_number, position, organisation_id, body)
select id, number, 0, $1::bigint, 'ok'::bytea
  from made cross join lateral generate_series(1, case when failed then 5 else 1 end) number
    on conflict do nothing`;
