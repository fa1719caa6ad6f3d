import type { TicketNames } from '../directory/code-names.js';
import { bandOf, type Band } from '../surveys/band.js';
import { languageName } from '../surveys/language.js';
import { momentIn } from '../web/moment.js';
import type { Response } from './response.entity.js';

/** A response as views/responses/_answer.hbs and _context.hbs show it. */
export function responseView(response: Response, names: TicketNames, timeZone: string) {
  return {
    id: response.id,
    href: `/responses/${response.id}`,
    ticketId: response.ticketId,
    customer: customerOf(response),
    supportGroup: namedCode(names.supportGroupName, response.supportGroupCode),
    agent: response.agentId,
    segment: namedCode(names.segment.name, names.segment.code),
    segment2: namedCode(names.segment2.name, names.segment2.code),
    survey: `${response.surveyDescription} (${languageName(response.language)})`,
    answeredAt: momentIn(timeZone, response.completedAt),
    ...answerView(response),
  };
}

/** What a customer said, as views/responses/_answer.hbs shows it. */
export function answerView({ overall, factors, comments }: Pick<Response, 'overall' | 'factors' | 'comments'>) {
  const band = bandOf(overall);
  return {
    score: scoreView(overall),
    factors: factors.map((label) => ({ label, positive: band === 'promoter' })),
    comments,
  };
}

/** As views/responses/_score.hbs shows it. The number is text, because a template takes 0 for nothing. */
export function scoreView(overall: number) {
  const band = bandOf(overall);
  return { overall: String(overall), bandLabel: bandLabels[band], kind: band };
}

/** A code that matches nothing stands alone; having no segment is no code. */
export function namedCode(name: string, code: string): string {
  return name === '' || code === '' || code === 'NONE' ? name || code : `${name} (${code})`;
}

export const bandLabels: Readonly<Record<Band, string>> = {
  promoter: 'Promoter',
  passive: 'Passive',
  detractor: 'Detractor',
};

/** `Carole Customer, carole.customer, carole@example.com`: as much as is known. */
function customerOf({ customerName, customerId, customerEmail }: Response): string {
  return [...new Set([customerName, customerId, customerEmail])].filter((part) => part !== '').join(', ');
}
