/**
 * Answers that one web process takes a second, with everything on, beside a bare server that does the two inserts alone.
 * See README.md. `--count=10000 --rounds=3 --at-once=32`
 */
import { parseArgs } from 'node:util';
import { buildWebhooks, startEngine } from './support/engine.mjs';
import { startGround } from './support/ground.mjs';
import { cpuSeconds, start } from './support/processes.mjs';
import { keepResult, median, printTable, ratioByRound, say } from './support/report.mjs';
import { buildSurveyLinks, FORM } from './support/surveys.mjs';

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    'at-once': { type: 'string', default: '32' },
  },
});
const count = Number(options.count);
const atOnce = Number(options['at-once']);
const warmUp = Math.min(count, 2_000);

const ground = await startGround();
const measured = [];
const competitors = {
  bare: async () => {
    const server = await start('peers/bare-submitting.mjs', { env: { DATABASE_URL: ground.ownerUrl } });
    return { ...server, url: `http://127.0.0.1:${server.port}` };
  },
  answerback: () => startEngine(ground, { PROCESS: 'web' }),
};

try {
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    for (const [name, begin] of Object.entries(competitors)) {
      const result = await measure(begin, `submitting${round}${name}`);
      measured.push({ round, name, ...result });
      say(`round ${round}  ${name}: ${Math.round(result.perSecond)} a second`);
    }
  }
  const of = (name, key) => median(measured.filter((one) => one.name === name).map((one) => one[key]));
  const ofTheLimit = (name) =>
    ratioByRound(
      measured,
      'perSecond',
      (one) => one.name === name,
      (one) => one.name === 'bare',
    );
  printTable(
    Object.keys(competitors).map((name) => ({
      'median of the rounds': name,
      'a second': Math.round(of(name, 'perSecond')),
      'of the limit': ofTheLimit(name).toFixed(3),
      'CPU µs each': of(name, 'cpuMicroseconds').toFixed(0),
      'p50 ms': of(name, 'p50').toFixed(1),
      'p99 ms': of(name, 'p99').toFixed(1),
    })),
  );
  await keepResult('submitting', { options: { count, atOnce, rounds: Number(options.rounds) }, measured });
} finally {
  await ground.stop();
}

async function measure(begin, organisation) {
  const { organisationId } = await buildWebhooks(ground, { count: 1, origin: 'http://127.0.0.1:9', organisation });
  await ground.admin.query('update webhook set enabled = true where organisation_id = $1', [organisationId]);
  const paths = await buildSurveyLinks(ground, organisationId, warmUp + count);
  const server = await begin();
  const customers = await start('support/customers-process.mjs', { env: { ORIGIN: server.url } });
  try {
    await taken(customers, paths.splice(0, warmUp));
    await ground.admin.query('checkpoint');
    const before = { cpu: await cpuSeconds(server.pid), at: performance.now() };
    const milliseconds = await taken(customers, paths);
    const seconds = (performance.now() - before.at) / 1_000;
    const sorted = milliseconds.toSorted((a, b) => a - b);
    return {
      perSecond: count / seconds,
      cpuMicroseconds: (((await cpuSeconds(server.pid)) - before.cpu) / count) * 1e6,
      p50: sorted[Math.floor(count / 2)],
      p99: sorted[Math.floor(count * 0.99)],
    };
  } finally {
    await customers.stop();
    await server.stop();
  }
}

async function taken(customers, paths) {
  const { statuses, milliseconds } = await customers.ask({ send: { paths, form: FORM, atOnce } });
  if (statuses[303] !== paths.length) throw new Error(`Not every answer was taken: ${JSON.stringify(statuses)}`);
  return milliseconds;
}
