/** pg-boss, in batches, which are finished together; as many workers as make as many jobs at once as the product has. */
import { PgBoss } from 'pg-boss';
import { chunks, CONCURRENCY, peerJob } from '../support/peer.mjs';
import { serve } from '../support/serve.mjs';

const BATCH = 64;
const { ORIGIN, DATABASE_URL } = process.env;
const job = await peerJob({ origin: ORIGIN, databaseUrl: DATABASE_URL });
const boss = new PgBoss({ connectionString: DATABASE_URL, max: 20 });
boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
await boss.start();
await boss.createQueue('deliver');

serve({
  add: async (work) => {
    for (const chunk of chunks(work)) {
      await boss.insert(
        'deliver',
        chunk.map((data) => ({ data })),
      );
    }
  },
  go: async () => {
    for (let worker = 0; worker < CONCURRENCY / BATCH; worker += 1) {
      await boss.work('deliver', { batchSize: BATCH, pollingIntervalSeconds: 0.5 }, (jobs) =>
        Promise.all(jobs.map(({ data }) => job(data))),
      );
    }
  },
  halt: () => boss.offWork('deliver'),
});
