import type { Claim } from '../../src/delivery/claim.js';
import type { TestWorker } from './app.js';
import { deliveryOf, dueOf, logOf } from './deliveries.js';

export type Kind = 'automatic' | 'manual';

export interface Due {
  number: number;
  spent: number;
  interruptions: number;
  paused: boolean;
  isDue: boolean;
  claim: Claim | null;
}

export interface ModelledDelivery {
  id: number;
  status: 'in_progress' | 'succeeded' | 'failed' | 'cancelled';
  counts: { automatic: number; manual: number; interrupted: number };
  log: string[];
  automatic: Due | null;
  manual: Due | null;
}

/** Of the webhook; one that is not on never opens. */
export interface Circuit {
  isOn: boolean;
  /** In a row. */
  failures: number;
  isOpen: boolean;
  /** The time has come for a single call. */
  mayProbe: boolean;
}

/** What should be, after any steps of any worker. */
export interface Model {
  webhook: 'on' | 'off' | 'deleted';
  circuit: Circuit;
  deliveries: ModelledDelivery[];
  /** All claims that somebody ever got, dead and late ones included. */
  claims: Claim[];
}

/** Whether a claim takes it. */
export function isFree(due: Due | null): boolean {
  return due !== null && due.claim === null && !due.paused && due.isDue;
}

/** An attempt that was made is in the log, and counted. */
export function logged(delivery: ModelledDelivery, kind: Kind, number: number, outcome: string): void {
  delivery.counts[kind] += 1;
  delivery.log.push(`${number} ${outcome}${kind === 'manual' ? ' manual' : ''}`);
}

/** The automatic attempt goes on, numbered behind the manual one. */
export function endManual(delivery: ModelledDelivery): void {
  delivery.manual = null;
  if (delivery.automatic) {
    delivery.automatic = { ...delivery.automatic, paused: false, number: delivery.automatic.number + 1 };
  }
}

/** Every row of the delivery is as it should be. */
export async function expectAsModelled(hand: TestWorker, delivery: ModelledDelivery): Promise<void> {
  const { id, status, counts, log } = delivery;
  expect(await logOf(hand, id)).toEqual(log);
  expect(log.map((line) => Number.parseInt(line, 10))).toEqual(log.map((_line, index) => index + 1));
  expect(await deliveryOf(hand, id)).toMatchObject({
    status,
    automatic_attempts: counts.automatic,
    manual_attempts: counts.manual,
    interrupted_attempts: counts.interrupted,
  });
  const due = (['manual', 'automatic'] as const).flatMap((kind) => {
    const own = delivery[kind];
    if (own === null) return [];
    const { number, spent, interruptions, paused, claim } = own;
    return [{ kind, number, spent, interruptions, paused, claimed: claim !== null }];
  });
  expect(await dueOf(hand, id)).toEqual(due.map((row) => expect.objectContaining(row)));
}

/** What is known of the webhook's trouble is as it should be. */
export async function expectTroubleAsModelled(hand: TestWorker, webhookId: number, circuit: Circuit): Promise<void> {
  const { rows } = await hand.pool.query(
    `select failures, open_until is not null as "isOpen", coalesce(open_until <= clock_timestamp(), false) as "mayProbe"
       from webhook_trouble where webhook_id = $1`,
    [webhookId],
  );
  const { failures, isOpen, mayProbe } = circuit;
  expect(rows).toEqual(failures === 0 ? [] : [{ failures, isOpen, mayProbe }]);
}

/** A delivery that was just made. */
export function freshDelivery(id: number): ModelledDelivery {
  return {
    id,
    status: 'in_progress',
    counts: { automatic: 0, manual: 0, interrupted: 0 },
    log: [],
    automatic: { number: 1, spent: 0, interruptions: 0, paused: false, isDue: true, claim: null },
    manual: null,
  };
}
