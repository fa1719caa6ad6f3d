/**
 * A flood after a quiet time: everything was planned while the queue was empty, and PostgreSQL has no statistics of what has
 * come since. Beside it the same with statistics. See README.md. `--count=20000 --rounds=3`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { addDeliveries, buildWebhooks, startEngine, tellOfWork } from './support/engine.mjs';
import { startGround } from './support/ground.mjs';
import { start, until } from './support/processes.mjs';
import { keepResult, median, printTable, ratioByRound, say } from './support/report.mjs';

const { values: options } = parseArgs({
  options: { count: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '3' } },
});
const count = Number(options.count);
/** So often is each statement run on the empty queue at least: PostgreSQL keeps a plan from the sixth time on. */
const QUIET_TURNS = 30;

const ground = await startGround();
// It would make new statistics in the midst of it, a minute after the beginning at the best.
await ground.admin.query('alter system set autovacuum = off');
await ground.admin.query('select pg_reload_conf()');
const receiver = await start('support/receiver-process.mjs');
const webhooks = await buildWebhooks(ground, { count: 50, origin: `http://127.0.0.1:${receiver.port}` });
const engine = await startEngine(ground);
const measured = [];

try {
  await switchTo(true);
  await deliver(3_000, { analyze: true });
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    for (const analyze of [true, false]) {
      await beQuiet();
      const perSecond = await flood({ analyze });
      measured.push({ round, statistics: analyze, perSecond });
      say(`round ${round}  ${analyze ? 'with' : 'without'} statistics: ${Math.round(perSecond)} a second`);
    }
  }
  const of = (statistics) =>
    median(measured.filter((one) => one.statistics === statistics).map((one) => one.perSecond));
  printTable([
    { 'median of the rounds': 'with statistics', 'a second': Math.round(of(true)), 'of that': '1.00' },
    {
      'median of the rounds': 'without',
      'a second': Math.round(of(false)),
      'of that': ratioByRound(
        measured,
        'perSecond',
        (one) => !one.statistics,
        (one) => one.statistics,
      ).toFixed(2),
    },
  ]);
  await keepResult('flood', { options: { count, rounds: Number(options.rounds) }, measured });
} finally {
  await engine.stop();
  await receiver.stop();
  await ground.stop();
}

/** Empties the queue, has all plans made anew, and runs each statement until its plan is kept. */
async function beQuiet() {
  await ground.admin.query('vacuum analyze due_attempt');
  for (let turn = 0; turn < QUIET_TURNS; turn += 1) await deliver(3, { analyze: false });
}

async function flood({ analyze }) {
  await switchTo(false);
  await receiver.ask({ ask: 'reset' });
  await addDeliveries(ground, webhooks, count, { analyze });
  const startedAt = performance.now();
  await switchTo(true);
  await arrived(count);
  const seconds = (performance.now() - startedAt) / 1_000;
  await recorded();
  return count / seconds;
}

async function deliver(size, { analyze }) {
  await receiver.ask({ ask: 'reset' });
  await addDeliveries(ground, webhooks, size, { analyze });
  await tellOfWork(ground);
  await arrived(size);
  await recorded();
}

async function arrived(wanted) {
  await until(async () => (await receiver.ask({ ask: 'count' })).requests >= wanted);
}

async function recorded() {
  await until(async () => (await ground.admin.query('select from due_attempt limit 1')).rowCount === 0);
}

async function switchTo(on) {
  await ground.admin.query('update webhook set enabled = $1', [on]);
  await tellOfWork(ground);
  // A claim that had begun before is over by then.
  await sleep(300);
}
