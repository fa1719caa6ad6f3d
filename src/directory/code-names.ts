import type { EntityManager } from '@mikro-orm/postgresql';

export const NO_SEGMENT = { code: 'NONE', name: 'No Segment' } as const;

export interface TicketCodes {
  supportGroupCode: string;
  segmentCode: string;
  segment2Code: string;
}

export interface TicketNames {
  supportGroupName: string;
  segment: { code: string; name: string };
  segment2: { code: string; name: string };
}

/** What the columns of ticketNamesSql hold; null for a code that matches nothing. */
export interface TicketNamesRow {
  support_group_name: string | null;
  segment_name: string | null;
  segment_2_name: string | null;
}

/** Columns of a statement: what codes are called now. Each argument is an expression of SQL. */
export function ticketNamesSql(organisationId: string, codes: Record<keyof TicketCodes, string>): string {
  const nameIn = (table: string, code: string) =>
    `(select name from ${table} where organisation_id = ${organisationId} and code = ${code})`;
  return `${nameIn('support_group', codes.supportGroupCode)} as support_group_name,
          ${nameIn('segment', codes.segmentCode)} as segment_name,
          ${nameIn('segment', codes.segment2Code)} as segment_2_name`;
}

/** What the codes of a ticket are called now. A code that matches nothing keeps an empty name. */
export async function namesOf(em: EntityManager, organisationId: number, codes: TicketCodes): Promise<TicketNames> {
  const [row] = await em.execute<[TicketNamesRow]>(
    `select ${ticketNamesSql('?', { supportGroupCode: '?', segmentCode: '?', segment2Code: '?' })}`,
    [organisationId, codes.supportGroupCode, organisationId, codes.segmentCode, organisationId, codes.segment2Code],
  );
  return ticketNames(row, codes);
}

/** The names of these codes, as ticketNamesSql found them. */
export function ticketNames(row: TicketNamesRow, { segmentCode, segment2Code }: TicketCodes): TicketNames {
  return {
    supportGroupName: row.support_group_name ?? '',
    segment: segmentOf(segmentCode, row.segment_name),
    segment2: segmentOf(segment2Code, row.segment_2_name),
  };
}

function segmentOf(code: string, name: string | null): { code: string; name: string } {
  return code === '' || code === NO_SEGMENT.code ? NO_SEGMENT : { code, name: name ?? '' };
}
