import type { Traces } from '../web/traces.js';
import { Calls } from './calls.js';
import { LATEST_BEGIN_MS, type Claim } from './claim.js';
import type { DeliveryMetrics } from './delivery-metrics.js';
import type { Deliverer, MadeAttempt } from './deliver.js';
import type { PreparedDelivery } from './prepare.js';
import type { AttemptRecorder } from './record-attempt.js';

const SLOTS = 512;

it('a call whose lease is too old by the time a slot falls free is not begun, and is handed back', async () => {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const deliverer = {
    deliver: ({ claim }: PreparedDelivery) => {
      begun.push(claim.deliveryId);
      return new Promise<MadeAttempt>((resolve) => {
        ends.push(() => resolve({ succeeded: true, responseCode: 200 } as MadeAttempt));
      });
    },
  } as unknown as Deliverer;
  const recorder = { record: () => Promise.resolve({ wasInTrouble: false }) } as unknown as AttemptRecorder;
  const calls = new Calls(deliverer, recorder, {} as Traces, { gauge: () => undefined } as unknown as DeliveryMetrics);
  const take = (deliveries: readonly PreparedDelivery[]): void => {
    calls.expect(deliveries.map(({ claim }) => claim));
    calls.add(deliveries);
  };

  take(Array.from({ length: SLOTS }, (_, index) => prepared(index, 0)));
  take([prepared(SLOTS, LATEST_BEGIN_MS + 1), prepared(SLOTS + 1, LATEST_BEGIN_MS - 1_000)]);
  expect(begun).toHaveLength(SLOTS);

  const ended = new Promise<void>((resolve) => calls.onEnd(() => resolve()));
  ends[0]!();
  await ended;

  expect(begun.slice(SLOTS)).toEqual([SLOTS + 1]);
  expect(calls.takeLate().map(({ deliveryId }) => deliveryId)).toEqual([SLOTS]);
});

function prepared(deliveryId: number, ageMs: number): PreparedDelivery {
  const claim = { deliveryId, webhookId: 1, leasedAt: performance.now() - ageMs } as Claim;
  return { claim, traceparent: null } as PreparedDelivery;
}
