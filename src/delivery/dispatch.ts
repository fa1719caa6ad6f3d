import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { DatabasePool, type SqlStatement } from '../database/database-pool.js';
import { RecordCatalogue } from '../records/record-catalogue.js';
import { Traces } from '../web/traces.js';
import { matches, type Trigger } from '../webhooks/webhook-definition.js';
import {
  createDeliveriesStatement,
  enabledWebhooksStatement,
  eventsDispatchedStatement,
  takeEventsStatement,
  type PendingEventRow,
} from './dispatch.sql.js';

/** So many are dispatched at once at the most. */
export const EVENTS_A_BATCH = 500;
const UNIQUE_VIOLATION = '23505';

interface EnabledWebhookRow {
  id: number;
  organisation_id: number;
  trigger: Trigger;
}

/**
 * Turns events into deliveries: event × enabled webhooks whose trigger matches. One transaction makes
 * the deliveries and forgets the events; a crash in it leaves the events for the next one.
 */
@Injectable()
export class Dispatcher {
  constructor(
    private readonly database: DatabasePool,
    private readonly records: RecordCatalogue,
    private readonly traces: Traces,
  ) {}

  /** Dispatches one batch; answers how many events it took, so that the caller knows whether to go on. */
  async dispatch(): Promise<number> {
    for (;;) {
      const startedAt = performance.now();
      const client = await this.database.pool.connect();
      try {
        await client.query('begin');
        const taken = await this.dispatchBatch(client);
        await client.query('commit');
        client.release();
        this.tell(taken, startedAt);
        return taken.length;
      } catch (error) {
        // A connection in doubt is closed rather than handed to somebody else.
        await client.query('rollback').then(
          () => client.release(),
          () => client.release(true),
        );
        if (!isNumberTaken(error)) {
          throw error;
        }
      }
    }
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

  private async dispatchBatch(client: PoolClient): Promise<PendingEventRow[]> {
    const events = await run<PendingEventRow>(client, takeEventsStatement, [EVENTS_A_BATCH]);
    if (events.length === 0) {
      return [];
    }
    const organisations = [...new Set(events.map((event) => event.organisation_id))];
    const webhooks = await run<EnabledWebhookRow>(client, enabledWebhooksStatement, [organisations]);
    const deliveries = events.flatMap((event) =>
      webhooks
        .filter((webhook) => fires(webhook, event))
        .map((webhook) => newDelivery(this.records, event, webhook.id)),
    );
    if (deliveries.length > 0) {
      await run(client, createDeliveriesStatement, columns(deliveries));
    }
    await run(client, eventsDispatchedStatement, [events.map((event) => event.id)]);
    return events;
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

/** The parameters of createDeliveriesStatement. */
export function columns(deliveries: readonly NewDelivery[]): unknown[] {
  return [
    deliveries.map((delivery) => delivery.eventId),
    deliveries.map((delivery) => delivery.organisationId),
    deliveries.map((delivery) => delivery.webhookId),
    deliveries.map((delivery) => delivery.listeningPost),
    deliveries.map((delivery) => delivery.recordType),
    deliveries.map((delivery) => delivery.recordId),
    deliveries.map((delivery) => delivery.ticketId),
    deliveries.map((delivery) => delivery.test),
    deliveries.map((delivery) => delivery.traceparent),
  ];
}

function fires(webhook: EnabledWebhookRow, event: PendingEventRow): boolean {
  return webhook.organisation_id === event.organisation_id && matches(webhook.trigger, event);
}

async function run<Row extends object>(client: PoolClient, statement: SqlStatement, values: unknown[]): Promise<Row[]> {
  return (await client.query<Row & Record<string, unknown>>({ ...statement, values })).rows;
}

/** Two deliveries drew the same number (see next_delivery_id): the batch is made again with others. */
function isNumberTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;
}
