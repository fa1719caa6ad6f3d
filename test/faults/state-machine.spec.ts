import * as fc from 'fast-check';
import { deleteWebhook } from '../../src/delivery/cancel.js';
import { Claimer, type Claim } from '../../src/delivery/claim.js';
import { AttemptRecorder } from '../../src/delivery/record-attempt.js';
import { redeliver } from '../../src/delivery/redeliver.js';
import { Rescuer } from '../../src/delivery/rescue.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { comeDue, endLease, madeAttempt, newDelivery } from '../support/deliveries.js';
import {
  endManual,
  expectAsModelled,
  isFree,
  logged,
  type Due,
  type Model,
  type ModelledDelivery,
} from '../support/delivery-model.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { holdsAsync } from '../support/properties.js';

const MOST_DELIVERIES = 3;
const WAITS = 4;
const INTERRUPTIONS_THAT_FAIL = 5;

interface Real {
  organisation: TestOrganisation;
}

let database: TestDatabase;
/** Does only what it is told to. */
let hand: TestWorker;

beforeAll(async () => {
  database = await createTestDatabase();
  hand = await startWorker(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await hand?.close();
  await database?.drop();
});

it('steps in any order keep the invariants of src/delivery/README.md', async () => {
  await holdsAsync(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 120, size: 'max' }), async (commands) => {
      await hand.pool.query('delete from due_attempt');
      const organisation = await buildOrganisation(hand, 'http://127.0.0.1:9/');
      const model: Model = { webhook: 'on', deliveries: [], claims: [] };
      await fc.asyncModelRun(() => ({ model, real: { organisation } }), commands);
    }),
    { runs: 100 },
  );
});

/** One thing that can happen; afterwards every row is as the model says. */
abstract class Step implements fc.AsyncCommand<Model, Real> {
  constructor(readonly pick: number) {}

  check(model: Model): boolean {
    return this.isPossible(model);
  }

  async run(model: Model, real: Real): Promise<void> {
    await this.take(model, real);
    for (const delivery of model.deliveries) {
      await expectAsModelled(hand, delivery);
    }
  }

  toString(): string {
    return `${this.constructor.name}(${this.pick})`;
  }

  protected isPossible({ deliveries }: Model): boolean {
    return deliveries.length > 0;
  }

  protected abstract take(model: Model, real: Real): Promise<void>;

  protected deliveryOf({ deliveries }: Model): ModelledDelivery {
    return deliveries[this.pick % deliveries.length]!;
  }
}

class Answer extends Step {
  protected override isPossible({ webhook, deliveries }: Model): boolean {
    return webhook === 'on' && deliveries.length < MOST_DELIVERIES;
  }

  protected async take({ deliveries }: Model, { organisation }: Real): Promise<void> {
    deliveries.push({
      id: await newDelivery(hand, organisation),
      status: 'in_progress',
      counts: { automatic: 0, manual: 0, interrupted: 0 },
      log: [],
      automatic: { number: 1, spent: 0, interruptions: 0, paused: false, isDue: true, claim: null },
      manual: null,
    });
  }
}

class ClaimAll extends Step {
  protected async take(model: Model): Promise<void> {
    const { claims } = await hand.context.get(Claimer).claim(100);
    const wanted = model.deliveries.flatMap((delivery) =>
      (['automatic', 'manual'] as const)
        .filter((kind) => model.webhook === 'on' && isFree(delivery[kind]))
        .map((kind) => ({
          deliveryId: delivery.id,
          kind,
          number: delivery[kind]!.number,
          spent: delivery[kind]!.spent,
        })),
    );
    const got = claims.map(({ deliveryId, kind, number, spent }) => ({ deliveryId, kind, number, spent }));
    expect(inOrder(got)).toEqual(inOrder(wanted));
    for (const claim of claims) {
      model.deliveries.find(({ id }) => id === claim.deliveryId)![claim.kind]!.claim = claim;
      model.claims.push(claim);
    }
  }
}

/** Of any claim there ever was: most often one that is over. */
abstract class OfClaim extends Step {
  protected override isPossible({ claims }: Model): boolean {
    return claims.length > 0;
  }

  protected claimOf({ claims }: Model): Claim {
    // The newest are picked most often.
    return claims.at(-1 - (this.pick % claims.length))!;
  }

  /** What the claim is of, as long as it holds. */
  protected heldBy({ deliveries }: Model, claim: Claim): { delivery: ModelledDelivery; due: Due } | null {
    const delivery = deliveries.find(({ id }) => id === claim.deliveryId)!;
    const due = delivery[claim.kind];
    return due?.claim === claim ? { delivery, due } : null;
  }
}

class Succeed extends OfClaim {
  protected async take(model: Model): Promise<void> {
    const claim = this.claimOf(model);
    await hand.context.get(AttemptRecorder).record(madeAttempt(claim, { succeeded: true }));
    const held = this.heldBy(model, claim);
    if (held) {
      const { delivery, due } = held;
      logged(delivery, claim.kind, due.number, 'succeeded');
      Object.assign(delivery, { status: 'succeeded', automatic: null, manual: null });
    }
  }
}

class Fail extends OfClaim {
  protected async take(model: Model): Promise<void> {
    const claim = this.claimOf(model);
    const isLast = claim.kind === 'automatic' && claim.spent >= WAITS;
    const attempt = madeAttempt(claim, { succeeded: false });
    await hand.context.get(AttemptRecorder).record({ ...attempt, waitSeconds: isLast ? null : 300 });
    const held = this.heldBy(model, claim);
    if (!held) {
      return;
    }
    const { delivery, due } = held;
    logged(delivery, claim.kind, due.number, 'rejected');
    if (delivery.status === 'cancelled') {
      Object.assign(delivery, { automatic: null, manual: null });
    } else if (claim.kind === 'manual') {
      endManual(delivery);
    } else if (isLast) {
      Object.assign(delivery, { status: 'failed', automatic: null });
    } else {
      delivery.automatic = {
        ...due,
        number: due.number + 1,
        spent: due.spent + 1,
        interruptions: 0,
        isDue: false,
        claim: null,
      };
    }
  }
}

/** Its worker dies or loses the database, and another one notices when the lease is over. */
class Die extends OfClaim {
  protected async take(model: Model): Promise<void> {
    const claim = this.claimOf(model);
    const held = this.heldBy(model, claim);
    if (!held) {
      return;
    }
    const { delivery, due } = held;
    await endLease(hand, delivery.id);
    await hand.context.get(Rescuer).rescue();
    delivery.counts.interrupted += 1;
    delivery.log.push(`${due.number} interrupted${claim.kind === 'manual' ? ' manual' : ''}`);
    const interruptions = due.interruptions + 1;
    const isOver = interruptions >= INTERRUPTIONS_THAT_FAIL || model.webhook === 'deleted';
    if (!isOver) {
      delivery[claim.kind] = { ...due, number: due.number + 1, interruptions, isDue: true, claim: null };
      if (claim.kind === 'manual' && delivery.automatic) {
        delivery.automatic.number += 1;
      }
    } else if (claim.kind === 'manual') {
      endManual(delivery);
    } else {
      delivery.automatic = null;
      delivery.status =
        delivery.status === 'in_progress' && interruptions >= INTERRUPTIONS_THAT_FAIL ? 'failed' : delivery.status;
    }
  }
}

class HandBack extends OfClaim {
  protected async take(model: Model): Promise<void> {
    const claim = this.claimOf(model);
    await hand.context.get(Claimer).release([claim]);
    const held = this.heldBy(model, claim);
    if (held) {
      held.due.claim = null;
    }
  }
}

class Resend extends Step {
  protected async take(model: Model, { organisation }: Real): Promise<void> {
    const delivery = this.deliveryOf(model);
    const { kind } = await hand.orm.em
      .fork()
      .transactional((em) => redeliver(em, organisation.organisation.id, delivery.id));
    if (model.webhook !== 'on') {
      expect(kind).toBe('refused');
    } else if (delivery.manual || delivery.automatic?.claim) {
      expect(kind).toBe('under_way');
    } else {
      expect(kind).toBe('due');
      const { automatic, manual, interrupted } = delivery.counts;
      const number = automatic + manual + interrupted + 1;
      delivery.manual = { number, spent: 0, interruptions: 0, paused: false, isDue: true, claim: null };
      if (delivery.automatic) {
        delivery.automatic.paused = true;
      }
    }
  }
}

/** The clock comes to the moment for which the automatic attempt waits. */
class ComeDue extends Step {
  protected async take(model: Model): Promise<void> {
    const delivery = this.deliveryOf(model);
    await comeDue(hand, delivery.id);
    if (delivery.automatic) {
      delivery.automatic.isDue = true;
    }
  }
}

/** The clock is set back behind it. */
class SetBack extends Step {
  protected async take(model: Model): Promise<void> {
    const delivery = this.deliveryOf(model);
    await hand.pool.query(
      `update due_attempt set due_at = clock_timestamp() + interval '2 hours' where delivery_id = $1 and kind = 'automatic'`,
      [delivery.id],
    );
    if (delivery.automatic) {
      delivery.automatic.isDue = false;
    }
  }
}

class Switch extends Step {
  protected override isPossible({ webhook }: Model): boolean {
    return webhook !== 'deleted';
  }

  protected async take(model: Model, { organisation }: Real): Promise<void> {
    model.webhook = model.webhook === 'on' ? 'off' : 'on';
    await hand.pool.query('update webhook set enabled = $2 where id = $1', [
      organisation.webhook.id,
      model.webhook === 'on',
    ]);
  }
}

class Delete extends Step {
  protected override isPossible({ webhook, deliveries, claims }: Model): boolean {
    // Nothing of interest happens after it, so it comes late.
    return webhook !== 'deleted' && deliveries.length === MOST_DELIVERIES && claims.length > 5;
  }

  protected async take(model: Model, { organisation }: Real): Promise<void> {
    await hand.orm.em
      .fork()
      .transactional((em) => deleteWebhook(em, organisation.organisation.id, organisation.webhook.id));
    model.webhook = 'deleted';
    for (const delivery of model.deliveries) {
      const hasDue = delivery.automatic !== null || delivery.manual !== null;
      delivery.status = delivery.status === 'in_progress' && hasDue ? 'cancelled' : delivery.status;
      delivery.automatic = delivery.automatic?.claim ? delivery.automatic : null;
      delivery.manual = delivery.manual?.claim ? delivery.manual : null;
    }
  }
}

const pick = fc.nat({ max: 7 });
const steps = [
  Answer,
  ClaimAll,
  ClaimAll,
  Succeed,
  Fail,
  Fail,
  Fail,
  Die,
  Die,
  HandBack,
  Resend,
  Resend,
  ComeDue,
  ComeDue,
  SetBack,
  Switch,
  Delete,
].map((StepOfKind) => pick.map((picked) => new StepOfKind(picked)));

function inOrder<T extends { deliveryId: number; kind: string }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => a.deliveryId - b.deliveryId || a.kind.localeCompare(b.kind));
}
