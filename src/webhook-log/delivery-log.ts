import { Injectable } from '@nestjs/common';
import type { Organisation } from '../accounts/organisation.entity.js';
import { DatabasePool } from '../database/database-pool.js';
import { LogEntry, LoggedDelivery } from './logged-delivery.js';
import { entrySql, listSql, type EntryRow, type LoggedDeliveryRow } from './logged-delivery.sql.js';

/** Which deliveries to list; what is left out does not narrow. */
export interface DeliveryFilters {
  status?: string | undefined;
  listeningPost?: string | undefined;
  ticketId?: string | undefined;
  responseId?: number | undefined;
  /** The number of its webhook. */
  sentBy?: number | undefined;
  test?: boolean | undefined;
  /** From this number on. */
  fromId?: number | undefined;
  /** Below this number. */
  beforeId?: number | undefined;
  wanted?: Wanted | undefined;
}

/** What a text may name: deliveries that any of it fits are found. */
export interface Wanted {
  deliveryId: number | null;
  responseId: number | null;
  ticketIds: readonly string[];
}

/** Reads an organisation's log: by its creation, which is the order of the numbers. */
@Injectable()
export class DeliveryLog {
  constructor(private readonly database: DatabasePool) {}

  /** The newest `limit` that the filters let through, newest first. */
  async newest(organisation: Organisation, filters: DeliveryFilters, limit: number): Promise<LoggedDelivery[]> {
    return this.list(organisation, filters, limit, 'desc');
  }

  /** The oldest `limit` that the filters let through, newest first all the same: the way back to newer pages. */
  async oldest(organisation: Organisation, filters: DeliveryFilters, limit: number): Promise<LoggedDelivery[]> {
    return this.list(organisation, filters, limit, 'asc');
  }

  async entry(organisation: Organisation, deliveryId: number): Promise<LogEntry | null> {
    const { rows } = await this.database.query<EntryRow>(entrySql, [organisation.id, deliveryId]);
    return rows[0] ? new LogEntry(rows[0], organisation.plan) : null;
  }

  /** The webhooks that the log can be narrowed to. */
  async webhooks(organisation: Organisation): Promise<LoggedWebhook[]> {
    const { rows } = await this.database.query<LoggedWebhook>(
      `select id, name, deleted_at is not null as deleted from webhook where organisation_id = $1
        order by deleted_at is not null, id`,
      [organisation.id],
    );
    return rows;
  }

  private async list(
    organisation: Organisation,
    filters: DeliveryFilters,
    limit: number,
    direction: 'asc' | 'desc',
  ): Promise<LoggedDelivery[]> {
    const source = await this.sourceFor(organisation, filters);
    const { page, values } = pageSql(organisation.id, filters, source, `${direction} limit ${limit}`);
    const { rows } = await this.database.query<LoggedDeliveryRow>(listSql(page), values);
    return rows.map((row) => new LoggedDelivery(row, organisation.plan));
  }

  /** Where the numbers of deliveries in a status stand that few have; null when the log itself is read. */
  private async sourceFor({ id }: Organisation, { status, wanted }: DeliveryFilters): Promise<string | null> {
    if (wanted !== undefined) {
      return null;
    }
    return status === 'in_progress' && !(await this.isMuchDue(id)) ? DUE : (sources[status ?? ''] ?? null);
  }

  /** Then deliveries in progress are so many that the log soon comes to some. */
  private async isMuchDue(organisationId: number): Promise<boolean> {
    const { rows } = await this.database.query<{ much: boolean }>(
      `select count(*) > ${MUCH_DUE} as much
         from (select from due_attempt where organisation_id = $1 limit ${MUCH_DUE + 1}) due`,
      [organisationId],
    );
    return rows[0]!.much;
  }
}

const MUCH_DUE = 10_000;

const UNSUCCESSFUL = 'select delivery_id from unsuccessful_delivery where organisation_id = $1';
const sources: Readonly<Record<string, string>> = {
  failed: `${UNSUCCESSFUL} and status = 'failed'`,
  cancelled: `${UNSUCCESSFUL} and status = 'cancelled'`,
};
/** What is in progress has an automatic attempt that is due, under way or paused. */
const DUE = `select delivery_id from due_attempt where organisation_id = $1 and kind = 'automatic'`;

export interface LoggedWebhook {
  id: number;
  name: string;
  deleted: boolean;
}

type Narrowing = Exclude<keyof DeliveryFilters, 'wanted'>;

/**
 * Only the conditions that are asked for stand in the statement, so that each plan uses the index that
 * fits: by organisation, by webhook, by ticket or by record, all of them in the order of the numbers. Where
 * there is a source, its numbers are looked up one after the other, until there are enough of them.
 */
function pageSql(
  organisationId: number,
  filters: DeliveryFilters,
  source: string | null,
  end: string,
): { page: string; values: unknown[] } {
  const asked = (Object.keys(clauses) as Narrowing[]).filter((name) => filters[name] !== undefined);
  const values: unknown[] = [organisationId, ...asked.map((name) => filters[name])];
  const conditions = asked.map((name, index) => clauses[name](`$${index + 2}`));
  const where = ['organisation_id = $1', ...conditions].join(' and ');
  if (source !== null) {
    const range = conditions.filter((condition) => /^id [<>]/.test(condition)).map((one) => ` and delivery_${one}`);
    const page = `select found.*
                    from (${source}${range.join('')} order by delivery_id ${end.split(' ')[0]}) listed
                   cross join lateral (select * from delivery where id = listed.delivery_id and ${where} offset 0) found
                   order by listed.delivery_id ${end}`;
    return { page, values };
  }
  if (filters.wanted === undefined) {
    return { page: `select * from delivery where ${where} order by id ${end}`, values };
  }
  const ways = waysTo(filters.wanted, values).map(
    (way) => `(select * from delivery where ${where} and ${way} order by id ${end})`,
  );
  return { page: `select * from (${ways.join(' union ')}) as found order by id ${end}`, values };
}

/** One condition for each thing that the text can name: each has an index of its own, which an "or" would not use. */
function waysTo({ deliveryId, responseId, ticketIds }: Wanted, values: unknown[]): string[] {
  const given = (value: unknown) => `$${values.push(value)}`;
  return [
    ...ticketIds.map((ticketId) => clauses.ticketId(given(ticketId))),
    ...(deliveryId === null ? [] : [`id = ${given(deliveryId)}`]),
    ...(responseId === null ? [] : [clauses.responseId(given(responseId))]),
  ];
}

const clauses: Readonly<Record<Narrowing, (value: string) => string>> = {
  fromId: (value) => `id >= ${value}`,
  beforeId: (value) => `id < ${value}`,
  status: (value) => `status = ${value}`,
  listeningPost: (value) => `listening_post = ${value}`,
  ticketId: (value) => `ticket_id = ${value}`,
  responseId: (value) => `record_type = 'response' and record_id = ${value}`,
  sentBy: (value) => `webhook_id = ${value}`,
  test: (value) => `test = ${value}`,
};
