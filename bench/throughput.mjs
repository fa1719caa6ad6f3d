/**
 * Deliveries per second, and what each costs, beside the bare limit and the usual job queues doing the same job.
 * See README.md. `--count=50000 --webhooks=50 --rounds=5 --only=answerback,bare`
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { surveyBody, surveyHeaders } from './support/body.mjs';
import { addDeliveries, buildWebhooks, startEngine, tellOfWork } from './support/engine.mjs';
import { startGround } from './support/ground.mjs';
import { cpuSeconds, memory, start, until } from './support/processes.mjs';
import { keepResult, median, printTable, ratioByRound, say } from './support/report.mjs';

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '50000' },
    webhooks: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
  },
});
const count = Number(options.count);
const webhooks = Number(options.webhooks);
/** So many deliveries before anything is measured: programs become fast by running. */
const warmUp = Math.min(count, 5_000);

const ground = await startGround();
const receiver = await start('support/receiver-process.mjs');
const origin = `http://127.0.0.1:${receiver.port}`;
const body = await surveyBody();
const headers = JSON.stringify(await surveyHeaders(body));
const redis = await startRedis();
const measured = [];

const competitors = {
  bare: () => startBare('request'),
  'bare dispatch': () => startBare('dispatch'),
  answerback: () => startAnswerback(),
  'graphile-worker defaults': () => startPeer('peers/graphile-worker.mjs', { MODE: 'defaults' }),
  'graphile-worker batching': () => startPeer('peers/graphile-worker.mjs', { MODE: 'batching' }),
  'pg-boss': () => startPeer('peers/pg-boss.mjs'),
  bullmq: redis && (() => startPeer('peers/bullmq.mjs', { REDIS_PORT: String(redis.port) })),
};
if (!redis) say('BullMQ is left out: there is no redis-server on this machine.');

try {
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    for (const [name, begin] of Object.entries(competitors)) {
      if (!begin || (options.only && !options.only.split(',').includes(name))) continue;
      const result = await measure(begin);
      measured.push({ round, name, ...result });
      say(`round ${round}  ${name}: ${Math.round(result.perSecond)} a second`);
    }
  }
  await report();
} finally {
  await redis?.stop();
  await receiver.stop();
  await ground.stop();
}

/** Warms a competitor up, gives it the work, and measures from the moment it may begin until all is stored. */
async function measure(begin) {
  await cleanTables();
  const competitor = await begin();
  try {
    await competitor.add(warmUp);
    await receiver.ask({ ask: 'reset' });
    await competitor.go();
    await finished(competitor, warmUp);
    await competitor.halt();
    await competitor.add(count);
    await receiver.ask({ ask: 'reset' });
    await ground.admin.query('checkpoint');
    await ground.resetCounters();
    const before = { own: await cpuSeconds(competitor.pid), machine: await machineSeconds(), at: performance.now() };
    await competitor.go();
    await finished(competitor, count);
    const seconds = (performance.now() - before.at) / 1_000;
    const own = (await cpuSeconds(competitor.pid)) - before.own;
    const machine = (await machineSeconds()) - before.machine;
    const { requests } = await receiver.ask({ ask: 'count' });
    return {
      perSecond: count / seconds,
      cpuMicroseconds: (own / count) * 1e6,
      machineMicroseconds: (machine / count) * 1e6,
      statements: (await ground.statements()) / count,
      peakMiB: (await memory(competitor.pid)).peak / 2 ** 20,
      requests,
    };
  } finally {
    await competitor.stop();
  }
}

async function finished(competitor, wanted) {
  await until(async () => (await receiver.ask({ ask: 'count' })).requests >= wanted);
  await until(async () => (await competitor.stored()) >= wanted);
}

async function startAnswerback() {
  const organisation = await buildWebhooks(ground, { count: webhooks, origin, organisation: `bench${Date.now()}` });
  const engine = await startEngine(ground);
  const switchTo = async (on) => {
    await ground.admin.query('update webhook set enabled = $2 where organisation_id = $1', [
      organisation.organisationId,
      on,
    ]);
    // As the portal does: the others begin at once, too.
    await tellOfWork(ground);
  };
  let stored = 0;
  return {
    pid: engine.pid,
    add: async (size) => {
      const { rows } = await ground.admin.query('select count(*)::integer as attempts from attempt');
      stored = rows[0].attempts;
      await addDeliveries(ground, organisation, size);
    },
    go: () => switchTo(true),
    halt: () => switchTo(false),
    stored: async () => {
      const { rows } = await ground.admin.query('select count(*)::integer as attempts from attempt');
      return rows[0].attempts - stored;
    },
    stop: () => engine.stop(),
  };
}

async function startPeer(script, variables = {}) {
  const peer = await start(script, { env: { ORIGIN: origin, DATABASE_URL: ground.ownerUrl, ...variables } });
  let stored = 0;
  const rows = async () =>
    (await ground.admin.query('select count(*)::integer as rows from peer_attempt')).rows[0].rows;
  return {
    pid: peer.pid,
    add: async (size) => {
      stored = await rows();
      await peer.ask({ add: { count: size, body, webhooks } });
      await ground.admin.query('analyze');
    },
    go: () => peer.ask({ go: true }),
    halt: () => peer.ask({ halt: true }),
    stored: async () => (await rows()) - stored,
    stop: () => peer.stop(),
  };
}

/** It has no work lying about: going is all. */
async function startBare(mode) {
  const env = { ORIGIN: origin, BODY: body, HEADERS: headers, WEBHOOKS: String(webhooks), MODE: mode };
  const bare = await start('peers/bare.mjs', { env });
  let next = 0;
  return {
    pid: bare.pid,
    add: async (size) => {
      next = size;
    },
    go: () => bare.ask({ post: next }),
    halt: async () => undefined,
    stored: async () => next,
    stop: () => bare.stop(),
  };
}

/** Every competitor finds the tables of the others empty. */
async function cleanTables() {
  await ground.admin
    .query(`truncate event, event_pending, delivery, delivery_event, delivery_request, attempt, exchange,
    reply_body, due_attempt`);
  await ground.admin.query('drop schema if exists graphile_worker cascade; drop schema if exists pgboss cascade');
  await ground.admin.query('drop table if exists peer_attempt');
}

async function startRedis() {
  const found = await promisify(execFile)('redis-server', ['--version']).catch(() => null);
  if (!found) return null;
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--save', '', '--appendonly', 'no', '--bind', '127.0.0.1'],
    {
      stdio: 'ignore',
    },
  );
  await sleep(1_000);
  return {
    port,
    stop: () => {
      child.kill('SIGTERM');
      return once(child, 'exit');
    },
  };
}

/** Seconds of work that all processors did since the start of the machine. */
async function machineSeconds() {
  const [, user, nice, system, , , irq, softirq] = (await readFile('/proc/stat', 'utf8')).split('\n')[0].split(/\s+/);
  return [user, nice, system, irq, softirq].reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

async function report() {
  const names = [...new Set(measured.map(({ name }) => name))];
  const of = (name, key) => median(measured.filter((one) => one.name === name).map((one) => one[key]));
  const ratio = (name, other) =>
    ratioByRound(
      measured,
      'perSecond',
      (one) => one.name === name,
      (one) => one.name === other,
    );
  printTable(
    names.map((name) => ({
      'median of the rounds': name,
      'a second': Math.round(of(name, 'perSecond')),
      'of the limit': names.includes('bare') ? ratio(name, 'bare').toFixed(3) : '',
      'CPU µs each': of(name, 'cpuMicroseconds').toFixed(0),
      'machine µs each': of(name, 'machineMicroseconds').toFixed(0),
      'statements each': of(name, 'statements').toFixed(3),
      'peak MiB': of(name, 'peakMiB').toFixed(0),
    })),
  );
  if (names.includes('answerback')) {
    for (const name of names.filter((one) => one !== 'answerback')) {
      say(`Answerback does ${ratio('answerback', name).toFixed(2)} times what ${name} does.`);
    }
  }
  await keepResult('throughput', { options: { count, webhooks, rounds: Number(options.rounds) }, measured });
}
