/**
 * What a peer's worker does for each job, the same for all of them: post the body over a kept connection, read the reply,
 * and store one row for the attempt. With undici, and with pg as the product has it.
 */
import { Pool as DatabasePool } from 'pg';
import { Pool } from 'undici';

/** Jobs that a worker has under way at once. */
export const CONCURRENCY = 256;

const attemptTable = `create table if not exists peer_attempt (
  id bigint generated always as identity primary key, webhook text not null, status integer not null, reply text not null,
  duration_ms double precision not null, made_at timestamptz not null default clock_timestamp())`;

/** Makes the table of attempts, and answers the function that does one job. */
export async function peerJob({ origin, databaseUrl }) {
  const receiver = new Pool(origin, { connections: CONCURRENCY, pipelining: 1 });
  const database = new DatabasePool({ connectionString: databaseUrl, max: 20 });
  await database.query(attemptTable);
  return async ({ path, body }) => {
    const startedAt = performance.now();
    const response = await receiver.request({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body,
    });
    const reply = await response.body.text();
    await database.query({
      name: 'attempt',
      text: 'insert into peer_attempt (webhook, status, reply, duration_ms) values ($1, $2, $3, $4)',
      values: [path, response.statusCode, reply, performance.now() - startedAt],
    });
  };
}

/** The jobs, a thousand at a time. */
export function* chunks({ count, body, webhooks }) {
  const CHUNK = 1_000;
  for (let made = 0; made < count; made += CHUNK) {
    yield Array.from({ length: Math.min(CHUNK, count - made) }, (_, index) => ({
      path: `/hook/${(made + index) % webhooks}`,
      body,
    }));
  }
}
