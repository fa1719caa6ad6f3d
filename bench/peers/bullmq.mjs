/** BullMQ on Redis; the attempt's row goes into PostgreSQL, as with the others. */
import { Queue, Worker } from 'bullmq';
import { chunks, CONCURRENCY, peerJob } from '../support/peer.mjs';
import { serve } from '../support/serve.mjs';

const { ORIGIN, DATABASE_URL, REDIS_PORT } = process.env;
const connection = { host: '127.0.0.1', port: Number(REDIS_PORT) };
const job = await peerJob({ origin: ORIGIN, databaseUrl: DATABASE_URL });
const queue = new Queue('deliver', { connection });
let worker;

serve({
  add: async (work) => {
    for (const chunk of chunks(work)) {
      await queue.addBulk(chunk.map((data) => ({ name: 'deliver', data, opts: { removeOnComplete: true } })));
    }
  },
  go: () => {
    worker = new Worker('deliver', ({ data }) => job(data), {
      connection: { ...connection, maxRetriesPerRequest: null },
      concurrency: CONCURRENCY,
    });
  },
  halt: () => worker.close(),
});
