/**
 * The bare limit: undici posts the same bytes, headers and body, to the same receiver, and nothing else. By `request`,
 * as undici is called, the reply read as text; or, where MODE is `dispatch`, by the function beneath it, which leaves
 * out all that makes a call comfortable. Its parent says how many; it answers when all have their reply.
 */
import { Pool } from 'undici';
import { CONCURRENCY } from '../support/peer.mjs';
import { serve } from '../support/serve.mjs';

const { ORIGIN, BODY, HEADERS, WEBHOOKS, MODE } = process.env;
const body = Buffer.from(BODY);
const pool = new Pool(ORIGIN, { connections: CONCURRENCY, pipelining: 1 });
const headers = JSON.parse(HEADERS);

async function request(path) {
  const response = await pool.request({ path, method: 'POST', headers, body });
  if (response.statusCode !== 200) throw new Error(`The receiver answered ${response.statusCode}.`);
  await response.body.text();
}

function dispatch(path) {
  return new Promise((resolve, reject) => {
    let length = 0;
    pool.dispatch(
      { path, method: 'POST', headers, body },
      {
        onRequestStart() {},
        onResponseStart(_controller, status) {
          if (status !== 200) reject(new Error(`The receiver answered ${status}.`));
        },
        onResponseData(_controller, chunk) {
          length += chunk.length;
        },
        onResponseEnd: () => resolve(length),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

const post = MODE === 'dispatch' ? dispatch : request;

serve({
  post: async (count) => {
    let next = 0;
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        while (next < count) {
          next += 1;
          await post(`/hook/${next % Number(WEBHOOKS)}`);
        }
      }),
    );
  },
});
