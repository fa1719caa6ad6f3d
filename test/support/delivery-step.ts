import type * as fc from 'fast-check';
import type { Claim } from '../../src/delivery/claim.js';
import type { TestWorker } from './app.js';
import {
  expectAsModelled,
  expectTroubleAsModelled,
  type Due,
  type Model,
  type ModelledDelivery,
} from './delivery-model.js';
import type { TestOrganisation } from './factories.js';

/** What the steps are taken on: a worker that does only what it is told to. */
export interface Real {
  hand: TestWorker;
  organisation: TestOrganisation;
}

/** One thing that can happen; afterwards every row is as the model says. */
export abstract class Step implements fc.AsyncCommand<Model, Real> {
  constructor(readonly pick: number) {}

  check(model: Model): boolean {
    return this.isPossible(model);
  }

  async run(model: Model, real: Real): Promise<void> {
    await this.take(model, real);
    for (const delivery of model.deliveries) {
      await expectAsModelled(real.hand, delivery);
    }
    await expectTroubleAsModelled(real.hand, real.organisation.webhook.id, model.circuit);
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

/** Of any claim there ever was: most often one that is over. */
export abstract class OfClaim extends Step {
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
