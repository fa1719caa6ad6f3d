/**
 * The memory of the delivery process with a long queue and receivers that answer as much as is kept of a reply.
 * See README.md. `--due=1000000 --webhooks=50 --seconds=60 --reply-bytes=65536`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { addDeliveries, buildWebhooks, startEngine } from './support/engine.mjs';
import { startGround } from './support/ground.mjs';
import { memory, start } from './support/processes.mjs';
import { keepResult, printTable, say } from './support/report.mjs';

const { values: options } = parseArgs({
  options: {
    due: { type: 'string', default: '1000000' },
    webhooks: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '60' },
    'reply-bytes': { type: 'string', default: '65536' },
  },
});
const MIB = 2 ** 20;

const ground = await startGround();
const receiver = await start('support/receiver-process.mjs', { env: { REPLY_BYTES: options['reply-bytes'] } });
try {
  const organisation = await buildWebhooks(ground, {
    count: Number(options.webhooks),
    origin: `http://127.0.0.1:${receiver.port}`,
  });
  say(`Making ${options.due} deliveries that are due.`);
  await addDeliveries(ground, organisation, Number(options.due));
  const engine = await startEngine(ground);
  try {
    const begun = await memory(engine.pid);
    await ground.admin.query('update webhook set enabled = true');
    const samples = [];
    for (let second = 0; second < Number(options.seconds); second += 1) {
      await sleep(1_000);
      samples.push((await memory(engine.pid)).rss / MIB);
    }
    const { peak } = await memory(engine.pid);
    const { requests } = await receiver.ask({ ask: 'count' });
    printTable([
      {
        'delivery process, MiB': 'RSS',
        'before the work': (begun.rss / MIB).toFixed(0),
        'median under it': samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)].toFixed(0),
        'the most': (peak / MIB).toFixed(0),
        'delivered meanwhile': requests,
      },
    ]);
    await keepResult('memory', {
      options,
      begunMiB: begun.rss / MIB,
      samplesMiB: samples,
      peakMiB: peak / MIB,
      requests,
    });
  } finally {
    await engine.stop();
  }
} finally {
  await receiver.stop();
  await ground.stop();
}
