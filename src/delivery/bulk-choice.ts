import type { EntityManager } from '@mikro-orm/postgresql';
import { matches, type TriggeringEvent } from '../webhooks/webhook-definition.js';
import { Webhook } from '../webhooks/webhook.entity.js';
import type { BulkChoice } from './bulk-redelivery.entity.js';
import type { PendingEventRow } from './dispatch.sql.js';

/** Rows that one look reads, of which it finds what is chosen: so many, or as many as are wanted. */
const FAILED_A_LOOK = 1_000;
const EVENTS_A_LOOK = 2_000;
/** What is counted is not kept. */
const COUNTED_A_LOOK = 20_000;

/** A part of what was chosen, in the order of the numbers. */
export interface BulkPart {
  deliveryIds: number[];
  /** Of what was missed. */
  events: PendingEventRow[];
  /** Everything up to this number was looked at. */
  doneId: number;
  isEnd: boolean;
}

/** Looks behind a number for at most so many that are chosen. */
export async function lookForChosen(
  em: EntityManager,
  choice: BulkChoice,
  behindId: number,
  limit: number,
): Promise<BulkPart> {
  const look = { selection: lookForSelected, failed: lookForFailed, missed: lookForMissed }[choice.kind];
  return look(em, choice, behindId, limit);
}

/** How many are chosen at the moment. */
export async function countChosen(em: EntityManager, choice: BulkChoice): Promise<number> {
  let count = 0;
  let part: BulkPart = { deliveryIds: [], events: [], doneId: 0, isEnd: false };
  while (!part.isEnd) {
    part = await lookForChosen(em, choice, part.doneId, COUNTED_A_LOOK);
    count += part.deliveryIds.length + part.events.length;
  }
  return count;
}

/** A number that no delivery of the organisation has is none of them. */
async function lookForSelected(
  em: EntityManager,
  { organisationId, deliveryIds }: BulkChoice,
  behindId: number,
  limit: number,
): Promise<BulkPart> {
  const rows = await em.execute<{ id: string }[]>(
    `select id from delivery
      where id = any(array(select value::bigint from json_array_elements_text(?::json))) and organisation_id = ?
        and id > ?
      order by id limit ?`,
    [JSON.stringify(deliveryIds), organisationId, behindId, limit + 1],
  );
  const ids = rows.map(({ id }) => Number(id)).slice(0, limit);
  return { deliveryIds: ids, events: [], doneId: ids.at(-1) ?? behindId, isEnd: rows.length <= limit };
}

/** Tests are left out: whoever wants another one sends it. */
async function lookForFailed(
  em: EntityManager,
  { organisationId, webhookId, fromId, beforeId }: BulkChoice,
  behindId: number,
  limit: number,
): Promise<BulkPart> {
  const most = Math.max(limit, FAILED_A_LOOK);
  const [row] = await em.execute<[LookRow & { ids: number[] }]>(
    `with looked as materialized (
       select delivery_id
         from unsuccessful_delivery
        where organisation_id = ? and status = 'failed' and delivery_id > ? and delivery_id >= ? and delivery_id < ?
        order by delivery_id
        limit ?)
     select count(*)::integer as looked, max(delivery_id)::text as last_id,
            coalesce(json_agg(delivery_id order by delivery_id)
                     filter (where not test and webhook_id = coalesce(?::bigint, webhook_id)), '[]') as ids
       from looked
       left join delivery on delivery.id = delivery_id and delivery.id > ? and delivery.id >= ? and delivery.id < ?`,
    [organisationId, behindId, fromId, beforeId, most, webhookId, behindId, fromId, beforeId],
  );
  const { kept, ...part } = cut(row, row.ids, limit, most, behindId, (id) => id);
  return { ...part, deliveryIds: kept, events: [] };
}

/**
 * Events of the times when the webhook was off that its trigger matches. One that has a delivery was not missed after
 * all, and one that is still to be dispatched will have one.
 */
async function lookForMissed(
  em: EntityManager,
  { organisationId, webhookId, fromId, beforeId }: BulkChoice,
  behindId: number,
  limit: number,
): Promise<BulkPart> {
  const webhook = await em.findOneOrFail(Webhook, { id: webhookId!, organisationId });
  const [row] = await em.execute<[LookRow & { events: PendingEventRow[] }]>(
    `with looked as materialized (
       select id, organisation_id, type, record_type, record_id, snapshot, traceparent
         from event
        where id > ? and id >= ? and id < ?
        order by id
        limit ${EVENTS_A_LOOK}),
     missed as (
       select looked.*
         from looked
        where organisation_id = ?
          and exists (select from webhook_off_period period
                       where period.webhook_id = ? and looked.id >= period.first_event_id
                         and (period.behind_event_id is null or looked.id < period.behind_event_id))
          and not exists (select from event_pending where event_id = looked.id)
          and not exists (select from delivery
                            join delivery_event on delivery_event.delivery_id = delivery.id
                           where delivery.organisation_id = looked.organisation_id
                             and delivery.record_type = looked.record_type and delivery.record_id = looked.record_id
                             and delivery.webhook_id = ? and delivery_event.event_id = looked.id))
     select (select count(*) from looked)::integer as looked, (select max(id) from looked)::text as last_id,
            coalesce((select json_agg(missed order by id) from missed), '[]') as events`,
    [behindId, fromId, beforeId, organisationId, webhook.id, webhook.id],
  );
  const chosen = row.events.filter((event) => matches(webhook.trigger, event satisfies TriggeringEvent));
  const { kept, ...part } = cut(row, chosen, limit, EVENTS_A_LOOK, behindId, ({ id }) => id);
  return { ...part, deliveryIds: [], events: kept };
}

interface LookRow {
  looked: number;
  last_id: string | null;
}

/** Keeps what the limit allows; the next look goes on behind it. */
function cut<Found>(
  { looked, last_id: lastId }: LookRow,
  chosen: readonly Found[],
  limit: number,
  mostLooked: number,
  behindId: number,
  idOf: (found: Found) => number,
): { kept: Found[]; doneId: number; isEnd: boolean } {
  const kept = chosen.slice(0, limit);
  const isCut = kept.length < chosen.length;
  return {
    kept,
    doneId: isCut ? idOf(kept.at(-1)!) : Number(lastId ?? behindId),
    isEnd: !isCut && looked < mostLooked,
  };
}
