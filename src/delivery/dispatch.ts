import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { plainArray, textArray } from '../database/array-parameters.js';
import { DatabasePool } from '../database/database-pool.js';
import { RecordCatalogue } from '../records/record-catalogue.js';
import { Traces } from '../web/traces.js';
import { matches } from '../webhooks/webhook-definition.js';
import {
  dispatchStatement,
  pendingEventsStatement,
  type DispatchedRow,
  type FiringWebhookRow,
  type PendingEventRow,
} from './dispatch.sql.js';
import { claimOf, SECONDS_TO_RECORD, type Claim, type Grant } from './claim.js';
import { FreshEvents } from './fresh-events.js';

/** So many are dispatched at once at the most. */
const EVENTS_A_BATCH = 500;
const UNIQUE_VIOLATION = '23505';

export interface Dispatched {
  /** Events that were dispatched, by this call. */
  events: number;
  /** There may be more to dispatch now. */
  more: boolean;
  /** First attempts that were claimed as they were made. */
  claims: Claim[];
  /** Deliveries were made whose first attempts are still to be claimed. */
  leftUnclaimed: boolean;
}

/**
 * Turns events into deliveries: event × enabled webhooks whose trigger matches. One statement makes
 * the deliveries and forgets the events; a crash before it leaves the events for the next one.
 */
@Injectable()
export class Dispatcher {
  constructor(
    private readonly database: DatabasePool,
    private readonly records: RecordCatalogue,
    private readonly fresh: FreshEvents,
    private readonly traces: Traces,
  ) {}

  /**
   * Dispatches one batch: the oldest events that no other process is dispatching at this moment.
   *
   * @param grant where nothing else that is due waits to be claimed: what may be claimed of the deliveries as they are made
   */
  async dispatch(grant: Grant | null = null): Promise<Dispatched> {
    for (let behindId = 0; ;) {
      const startedAt = performance.now();
      const rows = await this.database.run<LookedRow>(pendingEventsStatement, [EVENTS_A_BATCH, behindId]);
      const read = rows.filter(isEvent);
      const taken = await this.take(read, this.deliveriesOf(read, rows.filter(isWebhook)), grant);
      this.tell(taken.events, startedAt);
      const isFull = read.length === EVENTS_A_BATCH;
      if (taken.events.length > 0 || !isFull) {
        return { ...taken, events: taken.events.length, more: isFull };
      }
      behindId = read.at(-1)!.id;
    }
  }

  private deliveriesOf(events: readonly PendingEventRow[], webhooks: readonly FiringWebhookRow[]): NewDelivery[] {
    return events.flatMap((event) =>
      webhooks
        .filter((webhook) => fires(webhook, event))
        .map((webhook) => newDelivery(this.records, event, webhook.webhook_id)),
    );
  }

  private async take(
    events: readonly PendingEventRow[],
    deliveries: readonly NewDelivery[],
    grant: Grant | null,
  ): Promise<Taken> {
    if (events.length === 0) {
      return { events: [], claims: [], leftUnclaimed: false };
    }
    const claimId = randomUUID();
    const leasedAt = performance.now();
    const rows = await this.database.runPast<DispatchedRow>(
      // Two deliveries drew the same number (see next_delivery_id): it is made again with others.
      UNIQUE_VIOLATION,
      dispatchStatement,
      [plainArray(events.map(({ id }) => id)), ...columns(deliveries), ...granted(claimId, grant)],
    );
    const byId = new Map(events.map((event) => [event.id, event]));
    const made = rows.filter(isDelivery);
    for (const { delivery_id, event_id } of made) {
      this.fresh.keep(delivery_id, byId.get(event_id)!);
    }
    const claims = made
      .filter(({ claimed }) => claimed)
      .map((row) => claimOf({ ...row, kind: 'automatic', number: 1, spent: 0 }, claimId, leasedAt));
    return {
      events: [...new Set(rows.map(({ event_id }) => byId.get(event_id)!))],
      claims,
      leftUnclaimed: claims.length < made.length,
    };
  }

  /** Of the events that belong to a trace. */
  private tell(events: readonly PendingEventRow[], startedAt: number): void {
    for (const { id, type, traceparent } of events) {
      if (traceparent !== null) {
        this.traces.tell({
          name: 'dispatch event',
          traceparent,
          kind: 'internal',
          startedAt,
          endedAt: performance.now(),
          attributes: { 'answerback.event.id': id, 'answerback.event.type': type },
          error: null,
        });
      }
    }
  }
}

/** A webhook's delivery of an event. */
export function newDelivery(records: RecordCatalogue, event: PendingEventRow, webhookId: number): NewDelivery {
  const { listeningPost, ticketId } = records.typeOf(event.record_type).references(event.snapshot);
  return {
    eventId: event.id,
    organisationId: event.organisation_id,
    webhookId,
    listeningPost,
    recordType: event.record_type,
    recordId: event.record_id,
    ticketId,
    test: false,
    traceparent: event.traceparent,
  };
}

export interface NewDelivery {
  eventId: number;
  organisationId: number;
  webhookId: number;
  listeningPost: string;
  recordType: string;
  recordId: number;
  ticketId: string;
  test: boolean;
  traceparent: string | null;
}

/** The parameters of dispatchStatement that are of deliveries. */
function columns(deliveries: readonly NewDelivery[]): unknown[] {
  return [
    plainArray(deliveries.map((delivery) => delivery.eventId)),
    plainArray(deliveries.map((delivery) => delivery.organisationId)),
    plainArray(deliveries.map((delivery) => delivery.webhookId)),
    textArray(deliveries.map((delivery) => delivery.listeningPost)),
    textArray(deliveries.map((delivery) => delivery.recordType)),
    plainArray(deliveries.map((delivery) => delivery.recordId)),
    textArray(deliveries.map((delivery) => delivery.ticketId)),
    textArray(deliveries.map((delivery) => delivery.traceparent)),
  ];
}

/** The parameters of dispatchStatement that are of claims. */
function granted(claimId: string, grant: Grant | null): unknown[] {
  return grant === null
    ? [null, 0, 0, [], [], 0]
    : [claimId, SECONDS_TO_RECORD, grant.slots, grant.allowed.webhookIds, grant.allowed.calls, grant.allowed.others];
}

interface Taken {
  events: PendingEventRow[];
  claims: Claim[];
  leftUnclaimed: boolean;
}

function isDelivery(row: DispatchedRow): row is DispatchedRow & { delivery_id: number } {
  return row.delivery_id !== null;
}

type LookedRow = (PendingEventRow & { webhook_id: null }) | FiringWebhookRow;

function isEvent(row: LookedRow): row is PendingEventRow & { webhook_id: null } {
  return row.webhook_id === null;
}

function isWebhook(row: LookedRow): row is FiringWebhookRow {
  return row.webhook_id !== null;
}

function fires(webhook: FiringWebhookRow, event: PendingEventRow): boolean {
  return webhook.organisation_id === event.organisation_id && matches(webhook.trigger, event);
}
