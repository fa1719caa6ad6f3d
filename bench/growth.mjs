/**
 * What a long log costs: throughput, the pages of the Webhook Log and dropping a month, with ten thousand finished
 * deliveries and with ten million. See README.md. `--finished=10000000 --count=20000 --rounds=3 --backlog=700000`
 */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { surveyBody, surveySnapshot } from './support/body.mjs';
import { addDeliveries, buildWebhooks, startEngine } from './support/engine.mjs';
import { addFinished } from './support/finished.mjs';
import { startGround } from './support/ground.mjs';
import { start, until } from './support/processes.mjs';
import { pruneAllBut } from './support/pruning.mjs';
import { keepResult, median, printTable, say } from './support/report.mjs';

const { values: options } = parseArgs({
  options: {
    finished: { type: 'string', default: '10000000' },
    few: { type: 'string', default: '10000' },
    count: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    backlog: { type: 'string', default: '700000' },
  },
});
const finished = Number(options.finished);
const few = Number(options.few);
const count = Number(options.count);
const WEBHOOKS = 50;
const LOOKS = 15;
/** The last ones that are over: the finished deliveries are spread over more, so that these are full. */
const MONTHS_DROPPED = 3;
/** So long deliveries are counted before a month is dropped, and behind it. */
const BESIDE_MS = 10_000;

const ground = await startGround();
const receiver = await start('support/receiver-process.mjs');
const organisation = await buildWebhooks(ground, {
  count: WEBHOOKS,
  origin: `http://127.0.0.1:${receiver.port}`,
  organisation: 'growth',
});
const key = await makeApiKey();
const body = await surveyBody();
const snapshot = await surveySnapshot();
const measured = {};

try {
  await fill('few', few);
  await fill('many', finished - few);
  reportLengths();
  const months = await pruning();
  await report(months);
} finally {
  await receiver.stop();
  await ground.stop();
}

/** Measures with so many finished deliveries more in the log. */
async function fill(name, more) {
  const startedAt = performance.now();
  await addFinished(ground, organisation, more, {
    snapshot,
    body,
    tell: (done) => done % 1_000_000 === 0 && say(`${done.toLocaleString('en')} finished deliveries written`),
  });
  say(`${name}: the log was filled in ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  const pages = await timePages();
  const perSecond = [];
  for (let round = 0; round < Number(options.rounds); round += 1) {
    perSecond.push(await throughput());
  }
  measured[name] = { pages, perSecond: median(perSecond) };
  say(`${name}: ${Math.round(measured[name].perSecond)} deliveries a second`);
}

/** Milliseconds of the server, median of some looks, for each page of the log that people open. */
async function timePages() {
  const engine = await startEngine(ground, { PROCESS: 'web' });
  const get = async (query) => {
    const before = performance.now();
    const reply = await fetch(`${engine.url}/api/v1/deliveries?${query}`, {
      headers: { Authorization: `Bearer ${key}` },
    });
    const answer = await reply.json();
    if (reply.status !== 200) throw new Error(`The log answered ${reply.status}: ${JSON.stringify(answer)}`);
    return { milliseconds: performance.now() - before, cursor: answer.nextCursor };
  };
  try {
    let { cursor } = await get('');
    for (let page = 2; page < 100 && cursor !== null; page += 1) {
      ({ cursor } = await get(`cursor=${cursor}`));
    }
    if (cursor === null) throw new Error('There are fewer than a hundred pages: give --few a higher number.');
    const queries = {
      'first page': '',
      '100th page': `cursor=${cursor}`,
      'failed ones': 'status=failed',
      'cancelled ones (there are none)': 'status=cancelled',
      'those of a ticket': 'ticketId=INC5000',
      'those of a day': `createdFrom=${day(31)}&createdTo=${day(30)}`,
      'failed ones of a day': `status=failed&createdFrom=${day(31)}&createdTo=${day(30)}`,
    };
    const pages = {};
    for (const [name, query] of Object.entries(queries)) {
      const looks = [];
      for (let look = 0; look < LOOKS; look += 1) {
        looks.push((await get(query)).milliseconds);
      }
      pages[name] = median(looks);
    }
    return pages;
  } finally {
    await engine.stop();
  }
}

function day(back) {
  return new Date(Date.now() - back * 24 * 3_600_000).toISOString();
}

/** Deliveries a second of a backlog, from when a process is warm until nothing is due. */
async function throughput() {
  return withBacklog(count, () => perSecondUntil(async () => until(async () => (await due()) === 0)));
}

/**
 * Drops full months, the oldest first, each of them while a backlog is delivered. Answers for each how many seconds it
 * took, and what was left of the throughput meanwhile: of that before and behind it.
 */
async function pruning() {
  await pruneAllBut(ground, MONTHS_DROPPED);
  const months = [];
  for (let kept = MONTHS_DROPPED - 1; kept >= 0; kept -= 1) {
    const month = await withBacklog(Number(options.backlog), () => dropOne(kept));
    months.push(month);
    say(`${month.dropped} tables of a month dropped in ${month.seconds.toFixed(1)} s: ${month.beside.toFixed(2)}`);
  }
  return months;
}

async function dropOne(kept) {
  const before = await perSecondUntil(() => sleep(BESIDE_MS));
  let dropped;
  const startedAt = performance.now();
  const meanwhile = await perSecondUntil(async () => (dropped = await pruneAllBut(ground, kept)));
  const seconds = (performance.now() - startedAt) / 1_000;
  const behind = await perSecondUntil(() => sleep(BESIDE_MS));
  if ((await due()) === 0) throw new Error('Nothing was due any more: give --backlog a higher number.');
  return { dropped, seconds, beside: meanwhile / ((before + behind) / 2) };
}

/** Has so many deliveries made by a process of their own, and does `watch` when it is warm. */
async function withBacklog(size, watch) {
  await addDeliveries(ground, organisation, size);
  const engine = await startEngine(ground);
  try {
    await addDeliveries(ground, organisation, 3_000);
    await switchTo(true);
    await until(async () => (await due()) <= size, 200);
    return await watch();
  } finally {
    await engine.stop();
    await switchTo(false);
    await ground.admin.query('truncate due_attempt');
  }
}

/** Deliveries recorded a second, from now until `work` has ended. */
async function perSecondUntil(work) {
  const startedAt = performance.now();
  const before = await due();
  await work();
  const after = await due();
  return (before - after) / ((performance.now() - startedAt) / 1_000);
}

async function switchTo(on) {
  await ground.admin.query('update webhook set enabled = $2 where organisation_id = $1', [
    organisation.organisationId,
    on,
  ]);
}

async function due() {
  return (await ground.admin.query('select count(*)::integer as due from due_attempt')).rows[0].due;
}

async function makeApiKey() {
  const secret = `bench-${randomBytes(24).toString('hex')}`;
  await ground.admin.query('insert into api_key (organisation_id, name, key_hash) values ($1, $2, $3)', [
    organisation.organisationId,
    'bench',
    createHash('sha256').update(secret).digest(),
  ]);
  return secret;
}

/** What the long log costs, beside the short one. */
function reportLengths() {
  const { few: short, many: long } = measured;
  const line = (what, of, digits) => ({
    measured: what,
    [`${few} finished`]: of(short).toFixed(digits),
    [`${finished} finished`]: of(long).toFixed(digits),
    ratio: (of(long) / of(short)).toFixed(2),
  });
  printTable([
    ...Object.keys(short.pages).map((page) => line(`Webhook Log, ${page}, ms`, ({ pages }) => pages[page], 1)),
    line('deliveries a second', ({ perSecond }) => perSecond, 0),
  ]);
}

async function report(months) {
  printTable([
    {
      measured: `a full month dropped, of ${finished} finished`,
      seconds: median(months.map(({ seconds }) => seconds)).toFixed(1),
      'throughput beside it, of that without': median(months.map(({ beside }) => beside)).toFixed(2),
    },
  ]);
  await keepResult('growth', {
    options: { finished, few, count, rounds: Number(options.rounds), backlog: Number(options.backlog) },
    measured,
    months,
  });
}
