/**
 * What a long log costs: throughput, the pages of the Webhook Log and dropping a month, with ten thousand finished
 * deliveries and with ten million. See README.md. `--finished=10000000 --count=20000 --rounds=3`
 */
import { createHash, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { surveyBody, surveySnapshot } from './support/body.mjs';
import { addDeliveries, buildWebhooks, startEngine } from './support/engine.mjs';
import { addFinished } from './support/finished.mjs';
import { startGround } from './support/ground.mjs';
import { start, until } from './support/processes.mjs';
import { keepResult, median, printTable, say } from './support/report.mjs';

const { values: options } = parseArgs({
  options: {
    finished: { type: 'string', default: '10000000' },
    few: { type: 'string', default: '10000' },
    count: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
  },
});
const finished = Number(options.finished);
const few = Number(options.few);
const count = Number(options.count);
const WEBHOOKS = 50;
const LOOKS = 15;
/** The last ones that are over: the finished deliveries are spread over more, so that these are full. */
const MONTHS_DROPPED = 3;

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
  await report();
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
  measured[name] = { pages, perSecond: median(perSecond), ...(await pruning()) };
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

/** Deliveries a second of a backlog. @param beside begun when a quarter of them is recorded */
async function throughput(beside = async () => undefined) {
  await addDeliveries(ground, organisation, count);
  const engine = await startEngine(ground);
  try {
    await addDeliveries(ground, organisation, 3_000);
    await switchTo(true);
    await recorded(count);
    const startedAt = performance.now();
    const left = await due();
    const besides = beside();
    await recorded(0);
    const seconds = (performance.now() - startedAt) / 1_000;
    await besides;
    return left / seconds;
  } finally {
    await engine.stop();
    await switchTo(false);
  }
}

/** Drops full months, the oldest first, each of them while a backlog is delivered, beside a backlog by itself. */
async function pruning() {
  while (await dropOldestMonth(MONTHS_DROPPED));
  const pruneSeconds = [];
  const besidePruning = [];
  for (let month = 1; month <= MONTHS_DROPPED; month += 1) {
    const without = await throughput();
    const beside = await throughput(async () => {
      const startedAt = performance.now();
      await dropOldestMonth(0);
      pruneSeconds.push((performance.now() - startedAt) / 1_000);
    });
    besidePruning.push(beside / without);
  }
  return { pruneSeconds: median(pruneSeconds), besidePruning: median(besidePruning) };
}

/** Of every table, the oldest that was over so many months ago. Answers whether there was one. */
async function dropOldestMonth(monthsKept) {
  const { rows } = await ground.admin.query('select table_name from monthly_partitioned order by table_name = $1', [
    'event',
  ]);
  let dropped = false;
  for (const { table_name: parent } of rows) {
    // Whoever reads it just now is waited for by the next try, as the product does it.
    await until(async () => {
      const answer = await ground.admin
        .query(`select drop_old_partition($1, make_interval(months => $2)) as name`, [parent, monthsKept])
        .catch(() => null);
      dropped ||= answer !== null && answer.rows[0].name !== null;
      return answer !== null;
    });
  }
  return dropped;
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

async function recorded(left) {
  await until(async () => (await due()) <= left);
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

async function report() {
  const { few: short, many: long } = measured;
  printTable([
    ...Object.keys(short.pages).map((page) => ({
      measured: `Webhook Log, ${page}, ms`,
      [`${few} finished`]: short.pages[page].toFixed(1),
      [`${finished} finished`]: long.pages[page].toFixed(1),
      ratio: (long.pages[page] / short.pages[page]).toFixed(2),
    })),
    {
      measured: 'deliveries a second',
      [`${few} finished`]: Math.round(short.perSecond),
      [`${finished} finished`]: Math.round(long.perSecond),
      ratio: (long.perSecond / short.perSecond).toFixed(2),
    },
    {
      measured: 'a month dropped, seconds',
      [`${few} finished`]: short.pruneSeconds.toFixed(2),
      [`${finished} finished`]: long.pruneSeconds.toFixed(2),
      ratio: '',
    },
    {
      measured: 'throughput beside it, of that without',
      [`${few} finished`]: short.besidePruning.toFixed(2),
      [`${finished} finished`]: long.besidePruning.toFixed(2),
      ratio: '',
    },
  ]);
  await keepResult('growth', { options: { finished, few, count, rounds: Number(options.rounds) }, measured });
}
