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
  test?: boolean | undefined;
  /** From this number on. */
  fromId?: number | undefined;
  /** Below this number. */
  beforeId?: number | undefined;
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

  private async list(
    organisation: Organisation,
    filters: DeliveryFilters,
    limit: number,
    direction: 'asc' | 'desc',
  ): Promise<LoggedDelivery[]> {
    const { where, values } = conditions(organisation.id, filters);
    const page = `select * from delivery where ${where} order by id ${direction} limit ${limit}`;
    const { rows } = await this.database.query<LoggedDeliveryRow>(listSql(page), values);
    return rows.map((row) => new LoggedDelivery(row, organisation.plan));
  }
}

/**
 * Only the conditions that are asked for stand in the statement, so that each plan uses the index that
 * fits: by organisation, by ticket or by record, all of them in the order of the numbers.
 */
function conditions(organisationId: number, filters: DeliveryFilters): { where: string; values: unknown[] } {
  const asked = (Object.keys(clauses) as (keyof DeliveryFilters)[]).filter((name) => filters[name] !== undefined);
  return {
    where: ['organisation_id = $1', ...asked.map((name, index) => clauses[name](`$${index + 2}`))].join(' and '),
    values: [organisationId, ...asked.map((name) => filters[name])],
  };
}

const clauses: Readonly<Record<keyof DeliveryFilters, (value: string) => string>> = {
  fromId: (value) => `id >= ${value}`,
  beforeId: (value) => `id < ${value}`,
  status: (value) => `status = ${value}`,
  listeningPost: (value) => `listening_post = ${value}`,
  ticketId: (value) => `ticket_id = ${value}`,
  responseId: (value) => `record_type = 'response' and record_id = ${value}`,
  test: (value) => `test = ${value}`,
};
