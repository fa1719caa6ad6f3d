import { Claimer, type Claim } from '../../src/delivery/claim.js';
import { claimStatement, LANES_A_CLAIM } from '../../src/delivery/claim.sql.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { openCircuit } from '../support/deliveries.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { TestLanes } from '../support/lanes.js';

let database: TestDatabase;
/** Two processes' worth of connections, neither of which delivers by itself. */
let workers: TestWorker[];
let organisation: TestOrganisation;
let lanes: TestLanes;

beforeAll(async () => {
  database = await createTestDatabase();
  workers = await Promise.all([1, 2].map(() => startWorker(database, { PROCESS: 'web' })));
});
afterAll(async () => {
  await Promise.all((workers ?? []).map((worker) => worker.close()));
  await database?.drop();
});
beforeEach(async () => {
  await sql('delete from due_attempt');
  organisation = await buildOrganisation(workers[0]!, 'https://example.com/');
  lanes = new TestLanes(workers[0]!.pool, organisation);
});

describe('two workers', () => {
  it('never hold one claim, however many claim at the same moment', async () => {
    const [webhook] = await lanes.webhooks(1, { maximumConcurrency: 10_000 });
    await lanes.due(webhook!, 1_000);
    const many = workers.flatMap((worker) => [1, 2, 3, 4].map(() => new Claimer(worker.pool)));

    const claims: Claim[] = [];
    for (let turn = 0; claims.length < 1_000 && turn < 20; turn += 1) {
      const rounds = await Promise.all(many.map((own) => own.claim(40)));
      claims.push(...rounds.flatMap((round) => round.claims));
    }

    expect(claims).toHaveLength(1_000);
    expect(new Set(claims.map((claim) => claim.deliveryId)).size).toBe(1_000);
    const { rows } = await sql<{ delivery_id: number; claim_id: string }>(
      'select delivery_id, claim_id from due_attempt',
    );
    expect(new Map(rows.map((row) => [row.delivery_id, row.claim_id]))).toEqual(
      new Map(claims.map((claim) => [claim.deliveryId, claim.claimId])),
    );
  });

  it('together keep to a webhook’s maximum concurrency', async () => {
    const [webhook] = await lanes.webhooks(1, { maximumConcurrency: 3 });
    await lanes.due(webhook!, 10);
    const [one, other] = [claimer(0), claimer(1)];

    const first = await one.claim(2);
    const second = await other.claim(10);
    expect([first.claims.length, second.claims.length]).toEqual([2, 1]);
    expect((await other.claim(10)).claims).toEqual([]);

    await one.release(first.claims);
    expect((await other.claim(10)).claims).toHaveLength(2);
  });
});

describe('a claim', () => {
  it('takes what is due, the longest due first, and neither more than the slots nor what is not due yet', async () => {
    const [webhook] = await lanes.webhooks(1);
    const [late] = await lanes.due(webhook!, 1, { secondsAgo: 5 });
    const [latest] = await lanes.due(webhook!, 1, { secondsAgo: 60 });
    await lanes.due(webhook!, 1, { secondsAgo: 1 });
    await lanes.due(webhook!, 1, { secondsAgo: -60 });

    expect(idsOf(await claimer(0).claim(2))).toEqual(new Set([latest, late]));
    expect((await claimer(0).claim(10)).claims).toHaveLength(1);
  });

  it('leaves out what is paused', async () => {
    const [webhook] = await lanes.webhooks(1);
    await lanes.due(webhook!, 2);
    await sql('update due_attempt set paused = true');

    expect((await claimer(0).claim(10)).claims).toEqual([]);
  });

  it('takes nothing while a circuit is open, and then one call, whichever worker is first, until that has ended', async () => {
    const [webhook] = await lanes.webhooks(1);
    await lanes.due(webhook!, 5);
    await openCircuitOf(webhook!, 60);
    expect((await claimer(0).claim(10)).claims).toEqual([]);

    await openCircuitOf(webhook!, 0);
    const rounds = await Promise.all(([0, 1, 0, 1] as const).map((worker) => claimer(worker).claim(10)));
    expect(rounds.flatMap(({ claims }) => claims)).toHaveLength(1);
    expect((await claimer(0).claim(10)).claims).toEqual([]);
    const { rows } = await sql<{ later: boolean }>(
      'select open_until >= (select max(claimed_until) from due_attempt) as later from webhook_trouble where webhook_id = $1',
      [webhook],
    );
    expect(rows).toEqual([{ later: true }]);
  });

  it('takes what a person asked for although a circuit is open, however much waits for it', async () => {
    const [webhook] = await lanes.webhooks(1);
    await lanes.due(webhook!, 500, { secondsAgo: 60 });
    const [asked] = await lanes.due(webhook!, 1, { secondsAgo: 1 });
    await sql(`update due_attempt set kind = 'manual' where delivery_id = $1`, [asked]);
    await openCircuitOf(webhook!, 60);

    expect(idsOf(await claimer(0).claim(10))).toEqual(new Set([asked]));
  });

  it('lets a webhook’s tests share its concurrency', async () => {
    const [webhook] = await lanes.webhooks(1, { maximumConcurrency: 3 });
    await lanes.due(webhook!, 10);
    await lanes.due(webhook!, 10, { test: true });

    expect((await claimer(0).claim(100)).claims).toHaveLength(3);
  });

  it('that is released is due as before, uncounted, and only by whoever holds it', async () => {
    const [webhook] = await lanes.webhooks(1);
    await lanes.due(webhook!, 1);
    const untouched = await sql('select * from due_attempt');
    const { claims } = await claimer(0).claim(1);

    await claimer(1).release(claims.map((claim) => ({ ...claim, claimId: '00000000-0000-4000-8000-000000000000' })));
    expect((await sql('select * from due_attempt')).rows).not.toEqual(untouched.rows);
    await claimer(1).release(claims);
    expect((await sql('select * from due_attempt')).rows).toEqual(untouched.rows);
  });
});

describe('fairness', () => {
  it('puts a single delivery into the same claim as another webhook’s thousands', async () => {
    const [busy, quiet] = await lanes.webhooks(2, { maximumConcurrency: 10_000 });
    await lanes.due(busy!, 5_000, { secondsAgo: 3_600 });
    const [single] = await lanes.due(quiet!, 1);

    const claimed = await claimer(0).claim(8);

    expect(claimed.claims).toHaveLength(8);
    expect(idsOf(claimed)).toContain(single);
  });

  it('serves one lane after the other where there are fewer free slots than lanes', async () => {
    const webhooks = await lanes.webhooks(5, { maximumConcurrency: 10_000 });
    for (const [index, webhook] of webhooks.entries()) {
      await lanes.due(webhook, 100, { secondsAgo: 3_600 * index });
    }

    const own = claimer(0);
    const served = [];
    for (let turn = 0; turn < 10; turn += 1) {
      served.push(...(await own.claim(1)).claims.map((claim) => claim.webhookId));
    }

    expect(served).toEqual([...webhooks, ...webhooks]);
  });

  it('gives what is left over to the lane whose turn is next', async () => {
    const webhooks = await lanes.webhooks(3, { maximumConcurrency: 10_000 });
    for (const webhook of webhooks) {
      await lanes.due(webhook, 100);
    }
    const own = claimer(0);

    const [first, second, third] = webhooks;
    expect(await servedBy(own, 4)).toEqual([first, first, second, third]);
    expect(await servedBy(own, 4)).toEqual([first, second, second, third]);
    expect(await servedBy(own, 4)).toEqual([first, second, third, third]);
  });

  it('goes on with the first lane behind the last one, within a claim', async () => {
    const webhooks = await lanes.webhooks(5);
    for (const webhook of webhooks) {
      await lanes.due(webhook, 2);
    }
    const own = claimer(0);
    expect(await servedBy(own, 3)).toEqual(webhooks.slice(0, 3));

    expect(await own.claim(10)).toMatchObject({ claims: { length: 7 }, sawAll: true });
  });

  it('comes round to every lane where there are more than one claim walks', async () => {
    const webhooks = await lanes.webhooks(150);
    for (const webhook of webhooks) {
      await lanes.due(webhook, 2);
    }
    const own = claimer(0);

    const rounds = [await own.claim(256), await own.claim(256), await own.claim(256)];

    expect(rounds.map((round) => round.claims.length)).toEqual([128, 128, 44]);
    expect(rounds.map((round) => round.sawAll)).toEqual([false, false, true]);
    expect(new Set(rounds.flatMap((round) => round.claims.map((claim) => claim.webhookId)))).toEqual(new Set(webhooks));
  });

  it.each([
    [LANES_A_CLAIM - 1, 'all all all'],
    [LANES_A_CLAIM, 'some all all'],
    [LANES_A_CLAIM + 1, 'some all some all'],
    [LANES_A_CLAIM * 2, 'some some all some all'],
    [150, 'some some all some some all'],
  ])('rests after each round when nothing is due: of %i lanes that wait, claims see %s', async (count, seen) => {
    for (const webhook of await lanes.webhooks(count)) {
      await lanes.due(webhook, 1, { secondsAgo: -600 });
    }
    const own = claimer(0);

    for (const what of seen.split(' ')) {
      expect(await own.claim(9)).toEqual({ claims: [], sawAll: what === 'all', isHeldBack: false });
    }
  });

  it('does not call it a whole round when something became due behind its back', async () => {
    const webhooks = await lanes.webhooks(LANES_A_CLAIM + 10);
    for (const webhook of webhooks) {
      await lanes.due(webhook, 1, { secondsAgo: -600 });
    }
    const own = claimer(0);
    expect(await own.claim(1_000)).toMatchObject({ sawAll: false });

    const behind = webhooks[LANES_A_CLAIM - 1]!;
    await lanes.due(behind, 1);
    own.becameDue();
    expect(await own.claim(1_000)).toMatchObject({ claims: [], sawAll: false });
    expect(await servedBy(own, 1_000)).toEqual([behind]);
  });

  it('does not call it a whole round when the slots cut it', async () => {
    const [webhook] = await lanes.webhooks(1);
    await lanes.due(webhook!, 3);
    const own = claimer(0);

    expect(await own.claim(2)).toMatchObject({ sawAll: false, claims: { length: 2 } });
    expect(await own.claim(2)).toMatchObject({ sawAll: true, claims: { length: 1 } });
  });
});

describe('many webhooks that may have many calls', () => {
  it('are looked into for little more than there are slots for', async () => {
    for (const webhook of await lanes.webhooks(20, { maximumConcurrency: 1_000 })) {
      await lanes.due(webhook, 50);
    }

    expect(await lookedInto(40)).toBeLessThanOrEqual(20 * 16);
  });

  it('give the rest to the next claim, which is not a whole round before that', async () => {
    const [busy, ...quiet] = await lanes.webhooks(10, { maximumConcurrency: 1_000 });
    await lanes.due(busy!, 100, { secondsAgo: 60 });
    for (const webhook of quiet) {
      await lanes.due(webhook, 1);
    }
    const own = claimer(0);

    expect(await own.claim(100)).toMatchObject({ claims: { length: 20 + 9 }, sawAll: false, isHeldBack: false });
    expect(await own.claim(100)).toMatchObject({ claims: { length: 80 }, sawAll: true, isHeldBack: false });
  });

  it('leave all slots to the one where something is due', async () => {
    const [busy, ...waiting] = await lanes.webhooks(10, { maximumConcurrency: 1_000 });
    await lanes.due(busy!, 100);
    for (const webhook of waiting) {
      await lanes.due(webhook, 1, { secondsAgo: -600 });
    }

    expect(await claimer(0).claim(200)).toMatchObject({ claims: { length: 100 }, sawAll: true });
  });
});

describe('a round that saw every lane is held back', () => {
  it('where a webhook has as many calls under way as it may, until the next round finds it otherwise', async () => {
    const [webhook] = await lanes.webhooks(1, { maximumConcurrency: 3 });
    await lanes.due(webhook!, 4);
    const own = claimer(0);

    const first = await own.claim(10);
    expect(first).toMatchObject({ claims: { length: 3 }, sawAll: true, isHeldBack: true });
    expect(await own.claim(10)).toMatchObject({ claims: [], sawAll: true, isHeldBack: true });

    await own.release(first.claims.slice(0, 2));
    // Of the three that are due then, two may be called.
    expect(await own.claim(10)).toMatchObject({ claims: { length: 2 }, sawAll: true, isHeldBack: true });
    await own.release(first.claims.slice(2));
    await sql('delete from due_attempt where claim_id is null');
    expect(await own.claim(10)).toMatchObject({ claims: [], sawAll: true, isHeldBack: false });
  });

  it('where its pace allows no more', async () => {
    const [slow, quick] = await lanes.webhooks(2);
    await lanes.due(slow!, 2);
    await lanes.due(quick!, 2);
    const paced = (calls: number) => ({ webhookIds: [slow!], calls: [calls], others: 4 });

    expect(await claimer(0).claim(10, paced(1))).toMatchObject({ claims: { length: 3 }, isHeldBack: true });
    expect(await claimer(0).claim(10, paced(2))).toMatchObject({ claims: { length: 1 }, isHeldBack: false });
  });

  it('also where that was found in the first of several claims', async () => {
    const webhooks = await lanes.webhooks(100, { maximumConcurrency: 2 });
    await lanes.due(webhooks[0]!, 3);
    for (const webhook of webhooks.slice(1)) {
      await lanes.due(webhook, 1);
    }
    const own = claimer(0);

    expect(await own.claim(256)).toMatchObject({ sawAll: false, isHeldBack: true });
    expect(await own.claim(256)).toMatchObject({ sawAll: true, isHeldBack: true });
  });

  it('but not where a webhook is off, and so has nothing to give', async () => {
    const [webhook] = await lanes.webhooks(1);
    await lanes.due(webhook!, 1);
    await sql('update webhook set enabled = false where id = $1', [webhook!]);

    expect(await claimer(0).claim(10)).toEqual({ claims: [], sawAll: true, isHeldBack: false });
  });
});

function claimer(index: 0 | 1): Claimer {
  return new Claimer(workers[index]!.pool);
}

function idsOf({ claims }: { claims: readonly Claim[] }): Set<number> {
  return new Set(claims.map((claim) => claim.deliveryId));
}

/** The webhooks of what it claims next. */
async function servedBy(own: Claimer, slots: number): Promise<number[]> {
  const { claims } = await own.claim(slots);
  return claims.map(({ webhookId }) => webhookId).toSorted((one, other) => one - other);
}

/** How many due attempts a claim of so many slots locks to choose from. */
async function lookedInto(slots: number): Promise<number> {
  const values = [0, 0, false, slots, '00000000-0000-4000-8000-000000000000', 15, [], [], 1_000];
  const { rows } = await sql<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `explain (analyze, format json) ${claimStatement.text}`,
    values,
  );
  const ready = rows[0]!['QUERY PLAN'][0].Plan.Plans!.find((part) => part['Subplan Name'] === 'CTE ready')!;
  return ready['Actual Rows'] * ready['Actual Loops'];
}

interface Plan {
  'Subplan Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  Plans?: Plan[];
}

/** Single calls are let through from then on. */
async function openCircuitOf(webhookId: number, secondsFromNow: number): Promise<void> {
  await openCircuit(workers[0]!, { id: webhookId, organisationId: organisation.organisation.id }, secondsFromNow);
}

async function sql<Row extends object>(text: string, values: unknown[] = []) {
  return workers[0]!.pool.query<Row & Record<string, unknown>>(text, values);
}
