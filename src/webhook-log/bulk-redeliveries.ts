import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { audit, type Actor } from '../accounts/audit.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { countChosen } from '../delivery/bulk-choice.js';
import { BulkRedelivery, type BulkChoice, type BulkKind } from '../delivery/bulk-redelivery.entity.js';
import { webhookPauseReason } from '../delivery/pause-reason.js';
import { Problem } from '../web/problem.js';
import type { Webhook } from '../webhooks/webhook.entity.js';
import { firstNumberAt, HIGHEST_NUMBER } from './creation-time.js';
import { BULK_RUNNING, NOTHING_FOUND } from './redelivery-words.js';

/** What somebody wants made again. */
export interface WantedAgain {
  kind: BulkKind;
  /** Of a selection. */
  deliveryIds?: readonly number[] | undefined;
  /** Of one webhook alone; whatever was missed, one webhook missed. */
  webhook: Webhook | null;
  /** Created from this moment on, before that one. */
  from?: Date | undefined;
  to?: Date | undefined;
}

const LISTED = 50;

/** Bulk redeliveries as people and programs ask for them. */
@Injectable()
export class BulkRedeliveries {
  constructor(private readonly em: EntityManager) {}

  /** How many it would be now; nothing is sent. */
  async count(organisation: Organisation, wanted: WantedAgain): Promise<number> {
    return countChosen(this.em, choiceOf(organisation, wanted));
  }

  /**
   * Begins to send, so many a second.
   * @throws Problem 409 when there is nothing to send, the webhook makes no calls, or another one runs
   */
  async start(organisation: Organisation, wanted: WantedAgain, perSecond: number, act: Actor): Promise<BulkRedelivery> {
    requireCalls(organisation, wanted.webhook);
    const choice = choiceOf(organisation, wanted);
    const found = await countChosen(this.em, choice);
    if (found === 0) {
      throw new Problem(409, 'nothing_found', NOTHING_FOUND);
    }
    try {
      return await this.em.transactional(async (em) => {
        const bulk = em.create(BulkRedelivery, { ...choice, perSecond, found, requestedBy: act.actor?.email ?? null });
        await em.flush();
        await audit(em, {
          ...act,
          action: 'bulk_redelivery.started',
          target: String(bulk.id),
          details: { kind: choice.kind, found, perSecond },
        });
        return bulk;
      });
    } catch (error) {
      if (error instanceof UniqueConstraintViolationException) {
        throw new Problem(409, 'bulk_redelivery_running', BULK_RUNNING);
      }
      throw error;
    }
  }

  async newest(organisation: Organisation): Promise<BulkRedelivery[]> {
    return this.em
      .fork()
      .find(BulkRedelivery, { organisationId: organisation.id }, { orderBy: { id: 'desc' }, limit: LISTED });
  }

  async find(organisation: Organisation, id: number): Promise<BulkRedelivery | null> {
    return this.em.fork().findOne(BulkRedelivery, { id, organisationId: organisation.id });
  }

  /** What was made due already goes on. Answers null when there is none; one that has ended stays as it is. */
  async cancel(organisation: Organisation, id: number, act: Actor): Promise<BulkRedelivery | null> {
    await this.em.transactional(async (em) => {
      const cancelled = await em.execute<unknown[]>(
        `update bulk_redelivery set status = 'cancelled', ended_at = clock_timestamp()
          where id = ? and organisation_id = ? and status = 'running' returning id`,
        [id, organisation.id],
      );
      if (cancelled.length > 0) {
        await audit(em, { ...act, action: 'bulk_redelivery.cancelled', target: String(id) });
      }
    });
    return this.find(organisation, id);
  }
}

function choiceOf({ id }: Organisation, { kind, deliveryIds, webhook, from, to }: WantedAgain): BulkChoice {
  return {
    organisationId: id,
    kind,
    webhookId: webhook?.id ?? null,
    deliveryIds: deliveryIds ? [...new Set(deliveryIds)] : null,
    fromId: from ? firstNumberAt(from) : 0,
    beforeId: to ? firstNumberAt(to) : HIGHEST_NUMBER,
  };
}

/** Of several webhooks, those that are off are left out as it goes. */
function requireCalls(organisation: Organisation, webhook: Webhook | null): void {
  const { enabled, deletedAt } = webhook ?? { enabled: true, deletedAt: null };
  const reason = webhookPauseReason({ enabled, deleted: deletedAt !== null, plan: organisation.plan, test: false });
  if (reason !== null) {
    throw new Problem(409, 'webhook_off', reason);
  }
}
