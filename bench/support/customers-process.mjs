/**
 * Customers in a process of their own, who send surveys to ORIGIN.
 *
 * - `{ send: { paths, form, atOnce } }`: as fast as they are taken, so many at once.
 * - `{ stream: { paths, form, perSecond } }`: so many a second, whether or not earlier ones were answered.
 *
 * Answers `{ statuses, milliseconds }`: how often each status came, and what each request took.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

const pool = new Pool(process.env.ORIGIN, { connections: 128, pipelining: 1 });

process.on('message', (message) => void answer(message));
process.on('SIGTERM', () => process.exit());
process.on('disconnect', () => process.exit());
process.send({ ready: true });

async function answer({ send, stream }) {
  const seen = { statuses: {}, milliseconds: [] };
  if (send) await sendAll(send, seen);
  else await sendInTime(stream, seen);
  process.send(seen);
}

async function sendAll({ paths, form, atOnce }, seen) {
  let next = 0;
  const customer = async () => {
    while (next < paths.length) await post(paths[next++], form, seen);
  };
  await Promise.all(Array.from({ length: atOnce }, customer));
}

async function sendInTime({ paths, form, perSecond }, seen) {
  const startedAt = performance.now();
  const posts = [];
  for (const [index, path] of paths.entries()) {
    await sleep(Math.max(startedAt + (index * 1_000) / perSecond - performance.now(), 0));
    posts.push(post(path, form, seen));
  }
  await Promise.all(posts);
}

async function post(path, form, { statuses, milliseconds }) {
  const startedAt = performance.now();
  const { statusCode, body } = await pool.request({
    path,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `${form}&form=${randomBytes(16).toString('base64url')}`,
  });
  await body.dump();
  milliseconds.push(performance.now() - startedAt);
  statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
}
