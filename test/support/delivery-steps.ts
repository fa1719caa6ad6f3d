import * as fc from 'fast-check';
import { deleteWebhook } from '../../src/delivery/cancel.js';
import { Claimer, type Grant } from '../../src/delivery/claim.js';
import { Dispatcher } from '../../src/delivery/dispatch.js';
import { AttemptRecorder } from '../../src/delivery/record-attempt.js';
import { redeliver } from '../../src/delivery/redeliver.js';
import { Rescuer } from '../../src/delivery/rescue.js';
import { comeDue, deliveriesAbout, endLease, madeAttempt, newDelivery, newResponse } from './deliveries.js';
import { endManual, freshDelivery, isFree, logged, type Kind, type Model } from './delivery-model.js';
import { OfClaim, Step, type Real } from './delivery-step.js';

export const FAILURES_THAT_OPEN = 3;
const MOST_DELIVERIES = 3;
const WAITS = 4;
const INTERRUPTIONS_THAT_FAIL = 5;

const ALL: Grant = { slots: 100, allowed: { webhookIds: [], calls: [], others: 100 } };

class Answer extends Step {
  protected override isPossible({ webhook, deliveries }: Model): boolean {
    return webhook === 'on' && deliveries.length < MOST_DELIVERIES;
  }

  protected async take({ deliveries }: Model, { hand, organisation }: Real): Promise<void> {
    deliveries.push(freshDelivery(await newDelivery(hand, organisation)));
  }
}

/** By a worker that claims what it makes of it. */
class AnswerAndClaim extends Answer {
  protected override async take({ deliveries, claims, circuit }: Model, { hand, organisation }: Real): Promise<void> {
    const recordId = await newResponse(hand, organisation.survey);
    const made = await hand.context.get(Dispatcher).dispatch(ALL);
    const [id] = await deliveriesAbout(hand, organisation.webhook.id, recordId);
    const delivery = freshDelivery(id!);
    expect(made).toMatchObject({
      claims: circuit.isOpen ? [] : [{ deliveryId: id, kind: 'automatic', number: 1, spent: 0 }],
      leftUnclaimed: circuit.isOpen,
    });
    for (const claim of made.claims) {
      delivery.automatic!.claim = claim;
      claims.push(claim);
    }
    deliveries.push(delivery);
  }
}

class ClaimAll extends Step {
  protected async take(model: Model, { hand }: Real): Promise<void> {
    const { claims } = await hand.context.get(Claimer).claim(100);
    const automatic = this.free(model, 'automatic');
    const got = claims.map(({ deliveryId, kind, number, spent }) => ({ deliveryId, kind, number, spent }));
    expect(inOrder(got.filter(({ kind }) => kind === 'manual'))).toEqual(inOrder(this.free(model, 'manual')));
    const gotAutomatic = got.filter(({ kind }) => kind === 'automatic');
    if (model.circuit.isOpen) {
      expect(gotAutomatic).toHaveLength(model.circuit.mayProbe ? Math.min(automatic.length, 1) : 0);
      expect(automatic).toEqual(expect.arrayContaining(gotAutomatic));
      model.circuit.mayProbe &&= gotAutomatic.length === 0;
    } else {
      expect(inOrder(gotAutomatic)).toEqual(inOrder(automatic));
    }
    for (const claim of claims) {
      model.deliveries.find(({ id }) => id === claim.deliveryId)![claim.kind]!.claim = claim;
      model.claims.push(claim);
    }
  }

  private free(model: Model, kind: Kind) {
    return model.deliveries
      .filter((delivery) => model.webhook === 'on' && isFree(delivery[kind]))
      .map(({ id, [kind]: due }) => ({ deliveryId: id, kind, number: due!.number, spent: due!.spent }));
  }
}

class Succeed extends OfClaim {
  protected async take(model: Model, { hand }: Real): Promise<void> {
    const claim = this.claimOf(model);
    await hand.context.get(AttemptRecorder).record(madeAttempt(claim, { succeeded: true }));
    const held = this.heldBy(model, claim);
    if (held) {
      const { delivery, due } = held;
      logged(delivery, claim.kind, due.number, 'succeeded');
      Object.assign(model.circuit, { failures: 0, isOpen: false, mayProbe: false });
      Object.assign(delivery, { status: 'succeeded', automatic: null, manual: null });
    }
  }
}

class Fail extends OfClaim {
  protected async take(model: Model, { hand }: Real): Promise<void> {
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
    model.circuit.failures += 1;
    model.circuit.isOpen = model.circuit.isOn && model.circuit.failures >= FAILURES_THAT_OPEN;
    model.circuit.mayProbe = false;
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
  protected async take(model: Model, { hand }: Real): Promise<void> {
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
  protected async take(model: Model, { hand }: Real): Promise<void> {
    const claim = this.claimOf(model);
    await hand.context.get(Claimer).release([claim]);
    const held = this.heldBy(model, claim);
    if (held) {
      held.due.claim = null;
    }
  }
}

class Resend extends Step {
  protected async take(model: Model, { hand, organisation }: Real): Promise<void> {
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
  protected async take(model: Model, { hand }: Real): Promise<void> {
    const delivery = this.deliveryOf(model);
    await comeDue(hand, delivery.id);
    if (delivery.automatic) {
      delivery.automatic.isDue = true;
    }
  }
}

/** The clock is set back behind it. */
class SetBack extends Step {
  protected async take(model: Model, { hand }: Real): Promise<void> {
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

/** The clock comes to the moment at which a single call is tried. */
class ProbeTime extends Step {
  protected override isPossible({ circuit }: Model): boolean {
    return circuit.isOpen;
  }

  protected async take({ circuit }: Model, { hand, organisation }: Real): Promise<void> {
    await hand.pool.query('update webhook_trouble set open_until = clock_timestamp() where webhook_id = $1', [
      organisation.webhook.id,
    ]);
    circuit.mayProbe = true;
  }
}

class Switch extends Step {
  protected override isPossible({ webhook }: Model): boolean {
    return webhook !== 'deleted';
  }

  protected async take(model: Model, { hand, organisation }: Real): Promise<void> {
    model.webhook = model.webhook === 'on' ? 'off' : 'on';
    await hand.pool.query('update webhook set enabled = $2 where id = $1', [
      organisation.webhook.id,
      model.webhook === 'on',
    ]);
    if (model.webhook === 'on') {
      Object.assign(model.circuit, { failures: 0, isOpen: false });
    }
    model.circuit.mayProbe = model.circuit.isOpen;
  }
}

class Delete extends Step {
  protected override isPossible({ webhook, deliveries, claims }: Model): boolean {
    // Nothing of interest happens after it, so it comes late.
    return webhook !== 'deleted' && deliveries.length === MOST_DELIVERIES && claims.length > 5;
  }

  protected async take(model: Model, { hand, organisation }: Real): Promise<void> {
    await hand.orm.em
      .fork()
      .transactional((em) => deleteWebhook(em, organisation.organisation.id, organisation.webhook.id));
    model.webhook = 'deleted';
    model.circuit.mayProbe = model.circuit.isOpen;
    for (const delivery of model.deliveries) {
      const hasDue = delivery.automatic !== null || delivery.manual !== null;
      delivery.status = delivery.status === 'in_progress' && hasDue ? 'cancelled' : delivery.status;
      delivery.automatic = delivery.automatic?.claim ? delivery.automatic : null;
      delivery.manual = delivery.manual?.claim ? delivery.manual : null;
    }
  }
}

const pick = fc.nat({ max: 7 });
export const steps = [
  Answer,
  AnswerAndClaim,
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
  ProbeTime,
  Switch,
  Delete,
].map((StepOfKind) => pick.map((picked) => new StepOfKind(picked)));

function inOrder<T extends { deliveryId: number; kind: string }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => a.deliveryId - b.deliveryId || a.kind.localeCompare(b.kind));
}
