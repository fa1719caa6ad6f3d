/**
 * graphile-worker. MODE `defaults`: its settings, but for as many jobs at once as the product; `batching`: its local queue
 * and its batched completion as well, which its guide recommends for throughput.
 */
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { CONCURRENCY, peerJob } from '../support/peer.mjs';
import { serve } from '../support/serve.mjs';

const { ORIGIN, DATABASE_URL, MODE } = process.env;
const batching = {
  localQueue: { size: 500, refetchDelay: { durationMs: 0 } },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};
const preset = {
  worker: { concurrentJobs: CONCURRENCY, maxPoolSize: 20, ...(MODE === 'batching' ? batching : {}) },
};
const job = await peerJob({ origin: ORIGIN, databaseUrl: DATABASE_URL });
const quiet = new Logger(() => () => undefined);
const utils = await makeWorkerUtils({ connectionString: DATABASE_URL, logger: quiet });
await utils.migrate();
let runner;

serve({
  add: ({ count, body, webhooks }) =>
    utils.withPgClient((client) =>
      client.query(
        `select graphile_worker.add_jobs(array(
           select json_populate_record(null::graphile_worker.job_spec,
                    json_build_object('identifier', 'deliver',
                                      'payload', json_build_object('path', '/hook/' || n % $2, 'body', $3::text)))
             from generate_series(1, $1::integer) n))`,
        [count, webhooks, body],
      ),
    ),
  go: async () => {
    runner = await run({
      connectionString: DATABASE_URL,
      preset,
      logger: quiet,
      noHandleSignals: true,
      taskList: { deliver: (payload) => job(payload) },
    });
  },
  halt: () => runner.stop(),
});
