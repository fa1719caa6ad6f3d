import type { TicketNames } from '../directory/code-names.js';
import type { TicketContext } from '../invitations/invitation.entity.js';
import { bandOf } from '../surveys/band.js';
import { languageName } from '../surveys/language.js';
import type { Response } from './response.entity.js';

export type ResponseSnapshot = Readonly<{
  responseId: number;
  listeningPost: string;
  status: string;
  /** UTC, `YYYY-MM-DD HH:MM:SS`. */
  completedAt: string;
  ticketId: string;
  supportGroupCode: string;
  supportGroupName: string;
  agentId: string;
  segmentCode: string;
  segmentName: string;
  segment2Code: string;
  segment2Name: string;
  customerId: string;
  customerName: string;
  customerEmail: string;
  overall: number;
  band: string;
  factors: readonly string[];
  comments: string;
  surveyDescription: string;
  surveyLanguage: string;
}>;

/** What a snapshot tells of a response. */
export type ResponseFacts = TicketContext &
  Pick<
    Response,
    'id' | 'listeningPost' | 'completedAt' | 'overall' | 'factors' | 'comments' | 'surveyDescription' | 'language'
  >;

/** The facts of a response at this moment, with the names its codes have now. */
export function responseSnapshot(response: ResponseFacts, names: TicketNames): ResponseSnapshot {
  return {
    responseId: response.id,
    listeningPost: response.listeningPost,
    status: 'Completed',
    completedAt: utcSeconds(response.completedAt),
    ticketId: response.ticketId,
    supportGroupCode: response.supportGroupCode,
    supportGroupName: names.supportGroupName,
    agentId: response.agentId,
    segmentCode: names.segment.code,
    segmentName: names.segment.name,
    segment2Code: names.segment2.code,
    segment2Name: names.segment2.name,
    customerId: response.customerId,
    customerName: response.customerName,
    customerEmail: response.customerEmail,
    overall: response.overall,
    band: bandOf(response.overall),
    factors: response.factors,
    comments: response.comments,
    surveyDescription: response.surveyDescription,
    surveyLanguage: languageName(response.language),
  };
}

function utcSeconds(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ');
}
