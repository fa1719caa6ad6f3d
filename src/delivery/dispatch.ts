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
import { FreshEvents } from './fresh-events.js';

/** So many are dispatched at once at the most. */
const EVENTS_A_BATCH = 500;
const UNIQUE_VIOLATION = '23505';

export interface Dispatched {
  /** Events that were dispatched, by this call. */
  events: number;
  /** There may be more to dispatch now. */
  more: boolean;
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

  /** Dispatches one batch: the oldest events that no other process is dispatching at this moment. */
  async dispatch(): Promise<Dispatched> {
    for (let behindId = 0; ;) {
      const { read, taken } = await this.dispatchBehind(behindId);
      const isFull = read.length === EVENTS_A_BATCH;
      if (taken > 0 || !isFull) {
        return { events: taken, more: isFull };
      }
      behindId = read.at(-1)!.id;
    }
  }

  private async dispatchBehind(behindId: number): Promise<{ read: PendingEventRow[]; taken: number }> {
    const startedAt = performance.now();
    const rows = await this.database.run<LookedRow>(pendingEventsStatement, [EVENTS_A_BATCH, behindId]);
    const read = rows.filter(isEvent);
    if (read.length === 0) {
      return { read, taken: 0 };
    }
    const taken = await this.take(read, this.deliveriesOf(read, rows.filter(isWebhook)));
    this.tell(taken, startedAt);
    return { read, taken: taken.length };
  }

  private deliveriesOf(events: readonly PendingEventRow[], webhooks: readonly FiringWebhookRow[]): NewDelivery[] {
    return events.flatMap((event) =>
      webhooks
        .filter((webhook) => fires(webhook, event))
        .map((webhook) => newDelivery(this.records, event, webhook.webhook_id)),
    );
  }

  /** Answers the events that it took. */
  private async take(
    events: readonly PendingEventRow[],
    deliveries: readonly NewDelivery[],
  ): Promise<PendingEventRow[]> {
    const values = [plainArray(events.map(({ id }) => id)), ...columns(deliveries)];
    // Two deliveries drew the same number (see next_delivery_id): it is made again with others.
    const rows = await this.database.runPast<DispatchedRow>(UNIQUE_VIOLATION, dispatchStatement, values);
    const byId = new Map(events.map((event) => [event.id, event]));
    for (const { event_id, delivery_id } of rows) {
      if (delivery_id !== null) {
        this.fresh.keep(delivery_id, byId.get(event_id)!);
      }
    }
    return [...new Set(rows.map(({ event_id }) => byId.get(event_id)!))];
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
