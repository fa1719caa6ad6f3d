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
 * Events are written in the transaction of what they tell about: both stand or neither. Consumers
 * register by name; for each of them an event has one pending row, which the consumer deletes in the
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
    this.wakeUp.signal();
    return result;
  }

  /** Writes the event in the caller's transaction and returns its number. */
  async record(em: EntityManager, event: NewEvent): Promise<number> {
    return insertEvent(em, event, [...this.consumers], this.traces.traceparent);
  }

  /** Writes an event that no consumer is to take: whoever writes it does what follows from it. */
  async recordUnannounced(em: EntityManager, event: NewEvent): Promise<number> {
    return insertEvent(em, event, [], this.traces.traceparent);
  }
}

/** Two events may draw the same number; the later one draws again. */
async function insertEvent(
  em: EntityManager,
  event: NewEvent,
  consumers: readonly string[],
  traceparent: string | null,
): Promise<number> {
  for (;;) {
    const rows = await em.execute<{ id: string }[]>(insertSql, [
      event.organisationId,
      event.type,
      event.recordType,
      event.recordId,
      JSON.stringify(event.snapshot),
      JSON.stringify(event.changedFields ?? []),
      traceparent,
      JSON.stringify(consumers),
    ]);
    if (rows[0]) {
      return Number(rows[0].id);
    }
  }
}

/** The event, and that it is pending for each of its consumers. */
const insertSql = `
with made as (
  insert into event (id, organisation_id, type, record_type, record_id, snapshot, changed_fields, traceparent)
  values (next_event_id(), ?, ?, ?, ?, ?::json, array(select json_array_elements_text(?::json)), ?)
      on conflict do nothing
  returning id
),
pending as (
  insert into event_pending (consumer, event_id)
  select consumer.name, made.id from made cross join json_array_elements_text(?::json) as consumer(name)
)
select id from made`;
