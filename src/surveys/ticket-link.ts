import { storableText } from '../database/storable-text.js';
import { linkParameters } from '../web/query.js';

const MAXIMUM_CHARACTERS = 255;

/** What a link that a ticket system builds by itself says; '' for what it leaves out. */
export interface TicketLink {
  surveyCode: string;
  portalCode: string;
  ticketId: string;
  supportGroupCode: string;
  agentId: string;
  customerId: string;
  segmentCode: string;
  segment2Code: string;
}

/** The parameters of the link, in its order, and what each fills. */
const parameters = {
  sc: 'surveyCode',
  cpc: 'portalCode',
  tid: 'ticketId',
  rgid: 'supportGroupCode',
  agid: 'agentId',
  cid: 'customerId',
  sgid1: 'segmentCode',
  sgid2: 'segment2Code',
} as const satisfies Record<string, keyof TicketLink>;

/** The kind of survey that the parameter `tc` names. */
const TRANSACTIONAL = 'ts';

/** Whether the query is meant as such a link, well-formed or not. */
export function isTicketLink(query: string): boolean {
  return linkParameters(query).has('tc');
}

/**
 * Reads the query of such a link; null when it is none, or names no ticket or no group that can be used.
 * What is optional never costs the answer: a code that is too long is cut.
 */
export function parseTicketLink(query: string): TicketLink | null {
  const given = linkParameters(query);
  if (given.get('tc') !== TRANSACTIONAL) {
    return null;
  }
  const link = Object.fromEntries(
    Object.entries(parameters).map(([parameter, field]) => [field, storableText(given.get(parameter) ?? '').trim()]),
  ) as unknown as TicketLink;
  return isUsable(link.ticketId) && isUsable(link.supportGroupCode) ? cutOptional(link) : null;
}

/** The query of a link, percent-encoded. */
export function ticketLinkQuery(link: TicketLink): string {
  const query = new URLSearchParams({ tc: TRANSACTIONAL });
  for (const [parameter, field] of Object.entries(parameters)) {
    query.set(parameter, link[field]);
  }
  return query.toString();
}

/** The link with `{tid}`, `{rgid}`, `{agid}`, `{cid}`, `{sgid1}` and `{sgid2}` for a ticket system to fill in. */
export function ticketLinkTemplate(baseUrl: string, surveyCode: string, portalCode: string): string {
  const fixed = `sc=${encodeURIComponent(surveyCode)}&cpc=${encodeURIComponent(portalCode)}`;
  const open = Object.keys(parameters)
    .filter((parameter) => parameter !== 'sc' && parameter !== 'cpc')
    .map((parameter) => `${parameter}={${parameter}}`);
  return `${baseUrl}/?tc=${TRANSACTIONAL}&${fixed}&${open.join('&')}`;
}

function isUsable(identifier: string): boolean {
  return identifier !== '' && [...identifier].length <= MAXIMUM_CHARACTERS;
}

function cutOptional(link: TicketLink): TicketLink {
  const entries = Object.entries(link).map(([field, text]: [string, string]) => [
    field,
    [...text].slice(0, MAXIMUM_CHARACTERS).join(''),
  ]);
  return Object.fromEntries(entries) as TicketLink;
}
