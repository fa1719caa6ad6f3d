import type { Traces } from '../web/traces.js';
import { Calls } from './calls.js';
import { LATEST_BEGIN_MS, type Claim } from './claim.js';
import type { DeliveryMetrics } from './delivery-metrics.js';
import type { Deliverer, MadeAttempt } from './deliver.js';
import type { PreparedDelivery } from './prepare.js';
import type { AttemptRecorder } from './record-attempt.js';

const SLOTS = 512;

let begun: number[];
/** Of the calls in the order in which they began: ends one with a reply of so many bytes. */
let ends: ((replyBytes?: number) => void)[];
let calls: Calls;

beforeEach(() => {
  begun = [];
  ends = [];
  const deliver = ({ claim }: PreparedDelivery): Promise<MadeAttempt> => {
    begun.push(claim.deliveryId);
    return new Promise((resolve) => {
      ends.push((replyBytes = 0) => resolve(succeeded(replyBytes)));
    });
  };
  const recorder = { record: () => Promise.resolve({ wasInTrouble: false }) } as unknown as AttemptRecorder;
  const metrics = { gauge: () => undefined } as unknown as DeliveryMetrics;
  calls = new Calls({ deliver } as unknown as Deliverer, recorder, {} as Traces, metrics);
});

it('a call whose lease is too old by the time a slot falls free is not begun, and is handed back', async () => {
  take(Array.from({ length: SLOTS }, (_, index) => prepared(index, 0)));
  take([prepared(SLOTS, LATEST_BEGIN_MS + 1), prepared(SLOTS + 1, LATEST_BEGIN_MS - 1_000)]);
  expect(begun).toHaveLength(SLOTS);

  await end(0);

  expect(begun.slice(SLOTS)).toEqual([SLOTS + 1]);
  expect(calls.takeLate().map(({ deliveryId }) => deliveryId)).toEqual([SLOTS]);
});

it('where replies were long, fewer calls are under way, and all the slots are used again where they are short', async () => {
  const ahead = calls.room - SLOTS;
  take(Array.from({ length: 3_000 }, (_, index) => prepared(index, 0)));
  await endInTurn(1_000, 64 * 1024);
  expect(begun).toHaveLength(1_000 + 128);
  expect(calls.room).toBe(128 + ahead - 2_000);
  await endInTurn(1_000, 100);
  expect(begun).toHaveLength(2_000 + SLOTS);
});

function take(deliveries: readonly PreparedDelivery[]): void {
  calls.expect(deliveries.map(({ claim }) => claim));
  calls.add(deliveries);
}

function end(index: number, replyBytes?: number): Promise<void> {
  return new Promise((resolve) => {
    calls.onEnd(() => resolve());
    ends[index]!(replyBytes);
  });
}

async function endInTurn(count: number, replyBytes: number): Promise<void> {
  for (let ended = 0; ended < count; ended += 1) {
    await end(0, replyBytes);
    ends.shift();
  }
}

function succeeded(replyBytes: number): MadeAttempt {
  const exchanges = [{ replyBody: Buffer.alloc(replyBytes) }];
  return { succeeded: true, responseCode: 200, exchanges } as unknown as MadeAttempt;
}

function prepared(deliveryId: number, ageMs: number): PreparedDelivery {
  const claim = { deliveryId, webhookId: 1, leasedAt: performance.now() - ageMs } as Claim;
  return { claim, traceparent: null } as PreparedDelivery;
}
