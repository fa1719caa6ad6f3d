import { jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../config/environment.js';
import type { WakeUp, Work } from '../outbox/wake-up.js';
import type { Calls } from './calls.js';
import type { Claim, Claimed, Claimer, Grant } from './claim.js';
import { DeliveryLoop } from './delivery-loop.js';
import type { Dispatched, Dispatcher } from './dispatch.js';
import type { PreparedDelivery, Preparer } from './prepare.js';
import type { Rescuer } from './rescue.js';

/**
 * When it claims and what it lets be claimed as it is made, each step of it in order. Its poll, which would make up for
 * every one that is missing within a second, never comes.
 */
let steps: string[];
let claimed: Partial<Claimed>[];
let dispatched: Partial<Dispatched>[];
let rescued: boolean[];
let late: Claim[][];
let room: number;
let held: number;
/** Of the batches that are being prepared, the oldest first: ends it. */
let prepared: (() => void)[];
let signal: (work: Work) => void;
let callEnds: (mayBeDueAgain: boolean) => void;
let loop: DeliveryLoop;

beforeEach(() => {
  [steps, claimed, dispatched, rescued, late, prepared] = [[], [], [], [], [], []];
  room = 768;
  held = 0;
  loop = new DeliveryLoop(
    { roles: { web: false, delivery: true } } as Environment,
    wakeUp,
    dispatcher,
    claimer,
    preparer,
    calls,
    rescuer,
  );
});
afterEach(() => loop.beforeApplicationShutdown());

it('claims what is due before it dispatches, and grants what remains to the events', async () => {
  expect(await stepsOf(() => loop.onApplicationBootstrap())).toEqual(['claim', 'dispatch, granting 768']);
});

it('grants nothing where something that is due waits', async () => {
  claimed = [{ isHeldBack: true }];
  expect(await stepsOf(() => loop.onApplicationBootstrap())).toEqual(['claim', 'dispatch']);
});

it('goes on claiming until it has seen all, an event’s batch between two claims', async () => {
  claimed = [{ sawAll: false }, { sawAll: false }];
  dispatched = [{ more: true }];
  expect(await stepsOf(() => loop.onApplicationBootstrap())).toEqual([
    'claim',
    'dispatch',
    'claim',
    'dispatch',
    'claim',
  ]);
});

it('neither claims nor grants where too few more could be held', async () => {
  room = 63;
  expect(await stepsOf(() => loop.onApplicationBootstrap())).toEqual(['dispatch']);
  room = 64;
  expect(await stepsOf(() => signal('any'))).toEqual(['claim', 'dispatch, granting 64']);
});

describe('once nothing waits', () => {
  beforeEach(() => stepsOf(() => loop.onApplicationBootstrap()));

  it('events bring no claim', async () => {
    expect(await stepsOf(() => signal('events'))).toEqual(['dispatch, granting 768']);
  });

  it('any other work brings one, before what is made is claimed', async () => {
    expect(await stepsOf(() => signal('any'))).toEqual(['claim', 'dispatch, granting 768']);
  });

  it('what was left unclaimed is claimed before more is made', async () => {
    dispatched = [{ more: true, leftUnclaimed: true }];
    claimed = [{ isHeldBack: true }];
    expect(await stepsOf(() => signal('events'))).toEqual([
      'dispatch, granting 768',
      'claim',
      'tell others of any',
      'dispatch',
    ]);
  });

  it('other processes are told of what was left only where this one cannot claim it', async () => {
    dispatched = [{ leftUnclaimed: true }, { leftUnclaimed: true }];
    expect(await stepsOf(() => signal('events'))).toEqual(['dispatch, granting 768', 'claim']);
    room = 50;
    expect(await stepsOf(() => signal('events'))).toEqual(['dispatch', 'tell others of any']);
    expect(await stepsOf(() => callEnds(true))).toEqual([]);
  });

  it('a flood of events keeps neither the rescue waiting nor what was claimed too long ago', async () => {
    dispatched = [{ more: true }, { more: true }, { more: true }];
    rescued = [false, true];
    late = [[], [], [{ claimId: 'late' } as Claim]];
    expect(await stepsOf(() => signal('events'))).toEqual([
      'dispatch, granting 768',
      'claim',
      'dispatch, granting 768',
      'hand back',
      'claim',
      'dispatch, granting 768',
      'dispatch, granting 768',
    ]);
  });

  it('a call that ends brings a claim only where something may be due again', async () => {
    expect(await stepsOf(() => callEnds(false))).toEqual([]);
    expect(await stepsOf(() => callEnds(true))).toEqual(['claim']);
  });
});

it('where a webhook is held back, a call that ends brings a claim', async () => {
  claimed = [{ isHeldBack: true }];
  await stepsOf(() => loop.onApplicationBootstrap());
  expect(await stepsOf(() => callEnds(false))).toEqual(['claim']);
});

it('calls that end one soon after the other share a claim', async () => {
  claimed = [{ isHeldBack: true }];
  held = 10;
  await stepsOf(() => loop.onApplicationBootstrap());
  const together = await stepsOf(() => {
    for (let ended = 0; ended < 9; ended += 1) callEnds(false);
  });
  expect(together).toEqual(['claim']);
});

it('two batches are prepared at once, and the next one waits until one of them is', async () => {
  claimed = [1, 2, 3].map((deliveryId) => ({ claims: [claimOf(deliveryId)], sawAll: false }));
  expect(await stepsOf(() => loop.onApplicationBootstrap())).toEqual([
    'claim',
    'prepare 1',
    'dispatch',
    'claim',
    'prepare 2',
    'claim',
  ]);
  expect(await stepsOf(() => prepared[1]!())).toEqual(['add 2', 'prepare 3', 'claim']);
  expect(await stepsOf(() => prepared.forEach((end) => end()))).toEqual(['add 1', 'add 3']);
});

const wakeUp = {
  onSignal: (listener: typeof signal) => (signal = listener),
  listen: () => Promise.resolve(),
  tellOthers: (work: Work) => steps.push(`tell others of ${work}`),
} as unknown as WakeUp;

const dispatcher = {
  dispatch: (grant: Grant | null) => {
    steps.push(grant === null ? 'dispatch' : `dispatch, granting ${grant.slots}`);
    return Promise.resolve({ events: 0, more: false, claims: [], leftUnclaimed: false, ...dispatched.shift() });
  },
} as unknown as Dispatcher;

const claimer = {
  becameDue: jest.fn(),
  claim: () => {
    steps.push('claim');
    return Promise.resolve({ claims: [], sawAll: true, isHeldBack: false, ...claimed.shift() });
  },
  release: () => Promise.resolve(void steps.push('hand back')),
} as unknown as Claimer;

const preparer = {
  prepare: (claims: Claim[]) => {
    steps.push(`prepare ${claims[0]!.deliveryId}`);
    return new Promise((resolve) => prepared.push(() => resolve(claims.map((claim) => ({ claim })))));
  },
} as unknown as Preparer;

const calls = {
  expect: () => undefined,
  add: ([delivery]: PreparedDelivery[]) => steps.push(`add ${delivery!.claim.deliveryId}`),
  get room() {
    return room;
  },
  get held() {
    return held;
  },
  allowed: { webhookIds: [], calls: [], others: 4 },
  onEnd: (listener: typeof callEnds) => (callEnds = listener),
  takeLate: () => late.shift() ?? [],
  takeWaiting: () => [],
  ended: () => Promise.resolve(),
} as unknown as Calls;

const rescuer = { rescueWhenDue: () => Promise.resolve(rescued.shift() ?? false) } as unknown as Rescuer;

function claimOf(deliveryId: number): Claim {
  return { deliveryId, leasedAt: performance.now() } as Claim;
}

/** What this brings about. */
async function stepsOf(cause: () => void): Promise<string[]> {
  steps = [];
  cause();
  // Calls that end wait 20 ms for others.
  await sleep(60);
  return steps;
}
