/**
 * What an organisation's ten deliveries wait for while another one has a million due, beside what they wait for alone.
 * See README.md. `--due=1000000 --webhooks=50 --tens=100`
 */
import { parseArgs } from 'node:util';
import { addDeliveries, buildWebhooks, startEngine, switchOn, tellOfWork } from './support/engine.mjs';
import { startGround } from './support/ground.mjs';
import { start, until } from './support/processes.mjs';
import { keepResult, median, printTable, say } from './support/report.mjs';

const { values: options } = parseArgs({
  options: {
    due: { type: 'string', default: '1000000' },
    webhooks: { type: 'string', default: '50' },
    tens: { type: 'string', default: '100' },
  },
});
const TEN = 10;

const ground = await startGround();
const receiver = await start('support/receiver-process.mjs');
const origin = `http://127.0.0.1:${receiver.port}`;
try {
  const busy = await buildWebhooks(ground, { count: Number(options.webhooks), origin, organisation: 'busy' });
  const quiet = await buildWebhooks(ground, { count: 1, origin, organisation: 'quiet' });
  say(`Making ${options.due} deliveries that are due.`);
  await addDeliveries(ground, busy, Number(options.due));
  const engine = await startEngine(ground);
  try {
    await switchOn(ground, quiet);
    const alone = await longestWaits(quiet);
    await switchOn(ground, busy);
    // The busy one has by then what it gets.
    await until(async () => (await arrived()) >= 10_000);
    const beside = await longestWaits(quiet);
    const left = Number(options.due) + 2 * TEN * Number(options.tens) - (await arrived());
    printTable([row('none', alone), row(`${options.due}, of which ${left} were left`, beside)]);
    await keepResult('neighbour', { options, alone, beside, left });
  } finally {
    await engine.stop();
  }
} finally {
  await receiver.stop();
  await ground.stop();
}

/** Of ten deliveries at a time, the longest from when one was due until its call began, in milliseconds. */
async function longestWaits({ organisationId, webhookIds }) {
  const waits = [];
  for (let ten = 0; ten < Number(options.tens); ten += 1) {
    const { rows } = await ground.admin.query('select next_delivery_id() as first');
    await addDeliveries(ground, { organisationId, webhookIds }, TEN, { analyze: false });
    await tellOfWork(ground);
    let found;
    await until(async () => {
      found = await waitsSince(organisationId, rows[0].first);
      return found.delivered >= TEN;
    });
    waits.push(found.longest);
  }
  return waits;
}

/** Of deliveries from this one on. */
async function waitsSince(organisationId, first) {
  const { rows } = await ground.admin.query(
    `select count(*)::integer as delivered,
            max(extract(epoch from started_at - created_at) * 1000)::double precision as longest
       from delivery join attempt on delivery_id = delivery.id
      where delivery.organisation_id = $1 and delivery.id >= $2 and status = 'succeeded'`,
    [organisationId, first],
  );
  return rows[0];
}

async function arrived() {
  return (await receiver.ask({ ask: 'count' })).requests;
}

function row(due, waits) {
  return {
    'due of another organisation': due,
    'ten waited ms, median': median(waits).toFixed(1),
    'ms, the longest of all': Math.max(...waits).toFixed(1),
  };
}
