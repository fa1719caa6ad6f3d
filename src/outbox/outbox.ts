import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { Snapshot } from '../records/record-type.js';
import { Traces } from '../web/traces.js';
import { WakeUp } from './wake-up.js';

/** A fact about a record, in the past tense: `response.completed`. */
export interface NewEvent {
  organisationId: number;
  type: string;
  recordType: string;
  recordId: number;
  snapshot: Snapshot;
  changedFields?: readonly string[];
}

/**
 * Events are written with what they tell about, in its transaction or by its very statement: both stand or neither.
 * Consumers register by name; for each of them an event has one pending row, which the consumer deletes in the
 * transaction that does its work. A crash between the two leaves the row, so the work is done later.
 */
@Injectable()
export class Outbox {
  private readonly consumers = new Set<string>();

  constructor(
    private readonly wakeUp: WakeUp,
    private readonly traces: Traces,
  ) {}

  /** Every process must register the same consumers, whether it runs them or not. */
  registerConsumer(name: string): void {
    this.consumers.add(name);
  }

  /** Runs one use case in one transaction and, once it is committed, wakes whoever waits for its events. */
  async transactional<T>(em: EntityManager, work: (em: EntityManager) => Promise<T>): Promise<T> {
    const result = await em.transactional(work);
    this.wakeUp.signal('any');
    return result;
  }

  /** Wakes whoever waits for events that a statement by itself has written. */
  announce(): void {
    this.wakeUp.signal('events');
  }

  /** The parameter of eventSql: the event and who is to take it. */
  parameterOf(event: NewEvent): string {
    return this.asJson(event, [...this.consumers]);
  }

  /**
   * Writes an event in the caller's transaction that no consumer is to take: whoever writes it does what follows from it.
   * Returns its number. Two events may draw the same one; the later one draws again.
   */
  async recordUnannounced(em: EntityManager, event: NewEvent): Promise<number> {
    for (;;) {
      const rows = await em.execute<{ id: string }[]>(unannouncedSql, [this.asJson(event, [])]);
      if (rows[0]) {
        return Number(rows[0].id);
      }
    }
  }

  private asJson(event: NewEvent, consumers: readonly string[]): string {
    return JSON.stringify({
      organisation_id: event.organisationId,
      type: event.type,
      record_type: event.recordType,
      record_id: event.recordId,
      snapshot: event.snapshot,
      changed_fields: event.changedFields ?? [],
      traceparent: this.traces.traceparent,
      consumers,
    });
  }
}

/**
 * Common table expressions of a statement: `made_event` writes an event, `pending` that it is so for each of its consumers. An
 * event that draws a number which another one has fails the statement (unique_violation).
 *
 * @param parameter what stands for Outbox.parameterOf
 * @param condition for it to be written: `where exists (…)`
 */
export function eventSql(parameter: string, condition: string): string {
  return `
${madeSql(parameter, condition)},
pending as (
  insert into event_pending (consumer, event_id)
  select unnest(fact.consumers), made_event.id from fact cross join made_event
)`;
}

function madeSql(parameter: string, condition: string): string {
  return `
fact as materialized (
  select * from json_to_record(${parameter}::json) as fact(
    organisation_id bigint, type text, record_type text, record_id bigint, snapshot json, changed_fields text[],
    traceparent text, consumers text[])
),
made_event as (
  insert into event (id, organisation_id, type, record_type, record_id, snapshot, changed_fields, traceparent)
  select next_event_id(), organisation_id, type, record_type, record_id, snapshot, changed_fields, traceparent
    from fact ${condition}
  returning id
)`;
}

const unannouncedSql = `with ${madeSql('?', 'on conflict do nothing')} select id from made_event`;
