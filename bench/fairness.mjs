/**
 * What webhooks that never answer cost the others: throughput of a backlog and latency of a steady stream, with them and
 * without them, in turns. See README.md. `--count=20000 --due=100000 --rounds=3 --seconds=30 --rate=500`
 */
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { addDeliveries, buildWebhooks, startEngine, switchOn, tellOfWork } from './support/engine.mjs';
import { startGround } from './support/ground.mjs';
import { start, until } from './support/processes.mjs';
import { keepResult, median, printTable, ratioByRound, say } from './support/report.mjs';

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    due: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '500' },
  },
});
const count = Number(options.count);
const due = Number(options.due);
const seconds = Number(options.seconds);
const rate = Number(options.rate);
const HEALTHY = 49;
const SILENT = [0, 1, 20];
/** So often a second the steady stream gets its next deliveries. */
const BEATS = 20;

const ground = await startGround();
const receiver = await start('support/receiver-process.mjs');
const hanging = await start('support/hanging-process.mjs');
const measured = [];

try {
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    for (const silent of inTurns(round)) {
      const result = await measure(silent, round);
      measured.push({ round, silent, ...result });
      say(
        `round ${round}, ${silent} silent: ${Math.round(result.perSecond)} a second, p99 ${result.p99.toFixed(0)} ms`,
      );
    }
  }
  await report();
} finally {
  await Promise.all([receiver.stop(), hanging.stop()]);
  await ground.stop();
}

/** Each round begins with another one: whatever comes second or third finds the disk busy with what was before it. */
function inTurns(round) {
  const first = (round - 1) % SILENT.length;
  return [...SILENT.slice(first), ...SILENT.slice(0, first)];
}

async function measure(silent, round) {
  await ground.admin
    .query(`truncate event, event_pending, delivery, delivery_event, delivery_request, attempt, exchange,
    reply_body, due_attempt`);
  await ground.admin.query('update webhook set enabled = false');
  const name = `fairness${round}x${silent}`;
  const healthy = await webhooksOf(receiver, HEALTHY, `${name}healthy`);
  const quiet = silent > 0 ? await webhooksOf(hanging, silent, `${name}silent`) : null;
  const engine = await startEngine(ground);
  try {
    await addDeliveries(ground, healthy, 5_000);
    await switchOn(ground, healthy);
    await recorded(healthy, 5_000);
    await switchOff(healthy);
    if (quiet) {
      await addDeliveries(ground, quiet, due);
      await switchOn(ground, quiet);
      // They have taken by now what they get.
      await sleep(3_000);
    }
    return { perSecond: await throughput(healthy), ...(await latency(healthy)) };
  } finally {
    await engine.stop();
  }
}

async function throughput(healthy) {
  await addDeliveries(ground, healthy, count);
  // What PostgreSQL still does for a hundred thousand rows that were just written is not what is measured.
  await ground.admin.query('vacuum analyze');
  await ground.admin.query('checkpoint');
  const startedAt = performance.now();
  await switchOn(ground, healthy);
  await recorded(healthy, 5_000 + count);
  return count / ((performance.now() - startedAt) / 1_000);
}

/** From when a delivery was due until its call began, by the database's clock, in milliseconds. */
async function latency(healthy) {
  const { rows } = await ground.admin.query('select next_delivery_id() as first');
  const beats = seconds * BEATS;
  const startedAt = performance.now();
  for (let beat = 0; beat < beats; beat += 1) {
    await addDeliveries(ground, healthy, rate / BEATS, { analyze: false });
    await tellOfWork(ground);
    await sleep(Math.max(startedAt + ((beat + 1) * 1_000) / BEATS - performance.now(), 0));
  }
  await recorded(healthy, 5_000 + count + (rate / BEATS) * beats);
  const { rows: figures } = await ground.admin.query(
    `select percentile_cont(array[0.5, 0.99]) within group (order by extract(epoch from started_at - created_at) * 1000) as p
       from delivery join attempt on delivery_id = delivery.id
      where delivery.organisation_id = $1 and delivery.id >= $2 and number = 1`,
    [healthy.organisationId, rows[0].first],
  );
  const [p50, p99] = figures[0].p;
  return { p50, p99 };
}

function webhooksOf({ port }, webhooks, organisation) {
  return buildWebhooks(ground, { count: webhooks, origin: `http://127.0.0.1:${port}`, organisation });
}

function switchOff({ organisationId }) {
  return ground.admin.query('update webhook set enabled = false where organisation_id = $1', [organisationId]);
}

async function recorded({ organisationId }, wanted) {
  await until(async () => {
    const { rows } = await ground.admin.query(
      'select count(*)::integer as made from attempt where organisation_id = $1',
      [organisationId],
    );
    return rows[0].made >= wanted;
  }, 50);
}

async function report() {
  const of = (silent, key) => median(measured.filter((one) => one.silent === silent).map((one) => one[key]));
  const ofThatWithout = (silent, key) =>
    ratioByRound(
      measured,
      key,
      (one) => one.silent === silent,
      (one) => one.silent === 0,
    ).toFixed(2);
  printTable(
    SILENT.map((silent) => ({
      'webhooks that never answer': silent,
      'a second': Math.round(of(silent, 'perSecond')),
      'of that without': ofThatWithout(silent, 'perSecond'),
      'p50 ms': of(silent, 'p50').toFixed(1),
      'p99 ms': of(silent, 'p99').toFixed(1),
      'p99 of that without': ofThatWithout(silent, 'p99'),
    })),
  );
  await keepResult('fairness', { options: { count, due, seconds, rate, rounds: Number(options.rounds) }, measured });
}
