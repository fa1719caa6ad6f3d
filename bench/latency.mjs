/**
 * From an answer in the database until its call arrives at the receiver: under a steady stream, and at rest. Beside it the
 * same bytes over the same loopback alone. See README.md. `--rate=200 --seconds=60 --at-rest=50`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { surveyBody } from './support/body.mjs';
import { buildWebhooks, startEngine } from './support/engine.mjs';
import { startGround } from './support/ground.mjs';
import { start, until } from './support/processes.mjs';
import { keepResult, printTable, say } from './support/report.mjs';
import { buildSurveyLinks, FORM } from './support/surveys.mjs';

const { values: options } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    'at-rest': { type: 'string', default: '50' },
  },
});
const rate = Number(options.rate);
const count = rate * Number(options.seconds);
const atRest = Number(options['at-rest']);
const WARM_UP = 1_000;

const ground = await startGround();
const receiver = await start('support/receiver-process.mjs');
const origin = `http://127.0.0.1:${receiver.port}`;
const engine = await startEngine(ground, { PROCESS: 'web,delivery' });
const customers = await start('support/customers-process.mjs', { env: { ORIGIN: engine.url } });
const alone = await start('support/customers-process.mjs', { env: { ORIGIN: origin } });

try {
  const { organisationId } = await buildWebhooks(ground, { count: 1, origin, organisation: 'latency' });
  await ground.admin.query('update webhook set enabled = true where organisation_id = $1', [organisationId]);
  const paths = await buildSurveyLinks(ground, organisationId, WARM_UP + count + atRest);
  await stream(customers, paths.splice(0, WARM_UP));

  const loopback = await roundTrips();
  await receiver.ask({ ask: 'reset' });
  const submitting = await stream(customers, paths.splice(0, count));
  const underLoad = await latencies(count);
  await receiver.ask({ ask: 'reset' });
  for (const path of paths) {
    await customers.ask({ send: { paths: [path], form: FORM, atOnce: 1 } });
    await sleep(100);
  }
  const single = await latencies(atRest);
  const rows = { 'loopback round trip alone': loopback, 'under the stream': underLoad, 'at rest': single };
  printTable(
    Object.entries(rows).map(([name, all]) => ({
      milliseconds: name,
      p50: percentile(all, 0.5).toFixed(2),
      p99: percentile(all, 0.99).toFixed(2),
      longest: Math.max(...all).toFixed(2),
    })),
  );
  say(
    `Taking an answer itself: p50 ${percentile(submitting, 0.5).toFixed(1)} ms, p99 ${percentile(submitting, 0.99).toFixed(1)} ms.`,
  );
  await keepResult('latency', {
    options: { rate, seconds: Number(options.seconds), atRest },
    loopback,
    underLoad,
    single,
  });
} finally {
  await Promise.all([customers.stop(), alone.stop(), engine.stop(), receiver.stop()]);
  await ground.stop();
}

async function stream(process, paths) {
  const { statuses, milliseconds } = await process.ask({ stream: { paths, form: FORM, perSecond: rate } });
  if (statuses[303] !== paths.length) throw new Error(`Not every answer was taken: ${JSON.stringify(statuses)}`);
  return milliseconds;
}

/** The survey's payload to the receiver and back, at the same rate, with nothing in between. */
async function roundTrips() {
  const { milliseconds } = await alone.ask({
    stream: { paths: Array.from({ length: rate * 5 }, () => '/hook'), form: await surveyBody(), perSecond: rate },
  });
  return milliseconds;
}

/**
 * From the moment that the event was written, a little before it was committed, until the receiver had the whole request;
 * both by the clock of this machine.
 */
async function latencies(wanted) {
  await until(async () => (await receiver.ask({ ask: 'count' })).requests >= wanted);
  const { arrivals } = await receiver.ask({ ask: 'arrivals' });
  const { rows } = await ground.admin.query(
    `select lpad(to_hex(delivery_id), 13, '0') as id,
            (extract(epoch from occurred_at) * 1000)::double precision as at
       from delivery_event join event on event.id = event_id`,
  );
  const writtenAt = new Map(rows.map(({ id, at }) => [id, at]));
  return Object.entries(arrivals).map(([id, at]) => at - writtenAt.get(id));
}

function percentile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)];
}
