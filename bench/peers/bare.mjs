/**
 * The bare limit: undici posts the same bytes to the same receiver, as many at once as the product, and nothing else. Its
 * parent says how many; it answers when all have their reply.
 */
import { Pool } from 'undici';
import { CONCURRENCY } from '../support/peer.mjs';
import { serve } from '../support/serve.mjs';

const { ORIGIN, BODY, WEBHOOKS } = process.env;
const body = Buffer.from(BODY);
const pool = new Pool(ORIGIN, { connections: CONCURRENCY, pipelining: 1 });
const headers = ['content-type', 'application/json; charset=utf-8'];

function post(index) {
  return new Promise((resolve, reject) => {
    let length = 0;
    pool.dispatch(
      { path: `/hook/${index % Number(WEBHOOKS)}`, method: 'POST', headers, body },
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

serve({
  post: async (count) => {
    let next = 0;
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        while (next < count) {
          next += 1;
          await post(next);
        }
      }),
    );
  },
});
