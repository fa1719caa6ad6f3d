import type { EntityManager } from '@mikro-orm/postgresql';
import { Segment, SupportGroup } from './directory.entity.js';

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

/** What the codes of a ticket are called now. A code that matches nothing keeps an empty name. */
export async function namesOf(em: EntityManager, organisationId: number, codes: TicketCodes): Promise<TicketNames> {
  const group = await em.findOne(SupportGroup, { organisationId, code: codes.supportGroupCode });
  const wanted = [codes.segmentCode, codes.segment2Code].filter((code) => code !== '');
  const segments = wanted.length > 0 ? await em.find(Segment, { organisationId, code: { $in: wanted } }) : [];
  const segmentOf = (code: string) =>
    isNoSegment(code) ? NO_SEGMENT : { code, name: segments.find((segment) => segment.code === code)?.name ?? '' };
  return {
    supportGroupName: group?.name ?? '',
    segment: segmentOf(codes.segmentCode),
    segment2: segmentOf(codes.segment2Code),
  };
}

function isNoSegment(code: string): boolean {
  return code === '' || code === NO_SEGMENT.code;
}
