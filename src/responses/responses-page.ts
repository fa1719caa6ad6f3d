import { momentIn } from '../web/moment.js';
import { bandLabels, scoreView } from './response-view.js';
import {
  bands,
  exportHref,
  responsesHref,
  type FilterName,
  type ReadFilters,
  type ResponseFilters,
} from './response-filters.js';
import type { ListedResponse, ResponsePage } from './response-list.js';

const EXCERPT_CHARACTERS = 160;

export interface CodeName {
  code: string;
  name: string;
}

/** What the list's form offers, and what the codes in its rows are called. */
export interface Choices {
  groups: readonly CodeName[];
  segments: readonly CodeName[];
  agents: readonly string[];
}

/** What views/responses/index.hbs shows. */
export function listView(page: ResponsePage, { filters, errors }: ReadFilters, choices: Choices, timeZone: string) {
  const { before: _before, after: _after, ...narrowing } = filters;
  const rowsOf = rowView(choices, timeZone);
  const isNarrowed = Object.keys(narrowing).length > 0;
  return {
    rows: page.responses.map(rowsOf),
    noneYet: page.count.number === 0 && !isNarrowed,
    noneFound: page.count.number === 0 && isNarrowed,
    nothingFurther: page.count.number > 0 && page.responses.length === 0,
    isNarrowed,
    countWords: countWords(page, isNarrowed),
    newerHref: page.hasNewer ? responsesHref({ ...narrowing, after: page.responses[0]?.place ?? '' }) : null,
    olderHref: page.hasOlder ? responsesHref({ ...narrowing, before: page.responses.at(-1)!.place }) : null,
    newestHref: page.hasNewer ? responsesHref(narrowing) : null,
    exportHref: exportHref(narrowing),
    form: formView(narrowing, choices),
    errors: errors.map(({ field, message }) => ({ field, message: `${fieldLabels[field]}: ${message}` })),
    timeZone,
  };
}

function countWords({ count }: ResponsePage, isNarrowed: boolean): string {
  const number = `${count.atLeast ? 'More than ' : ''}${count.number.toLocaleString('en')}`;
  return `${number} ${count.number === 1 ? 'response' : 'responses'}${isNarrowed ? ' found' : ''}`;
}

function rowView({ groups, segments }: Choices, timeZone: string) {
  const groupNames = nameOf(groups);
  const segmentNames = nameOf(segments);
  return (row: ListedResponse) => ({
    href: `/responses/${row.id}`,
    answeredAt: momentIn(timeZone, row.completed_at),
    ticket: row.ticket_id || `Response ${row.id}`,
    supportGroup: groupNames(row.support_group_code),
    agent: row.agent_id,
    segments: [row.segment_code, row.segment_2_code]
      .filter((code) => code !== '' && code !== 'NONE')
      .map(segmentNames)
      .join(', '),
    customer: row.customer_name || row.customer_id || row.customer_email,
    score: scoreView(row.overall),
    comment: excerpt(row.comments),
  });
}

/** A code that the directory does not have is shown as it came. */
function nameOf(names: readonly CodeName[]): (code: string) => string {
  const known = new Map(names.map(({ code, name }) => [code, name]));
  return (code) => known.get(code) || code;
}

/** Cut between characters, not within one. */
export function excerpt(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()];
  return characters.length > EXCERPT_CHARACTERS
    ? `${characters.slice(0, EXCERPT_CHARACTERS).join('').trimEnd()}…`
    : characters.join('');
}

function formView(filters: ResponseFilters, { groups, segments, agents }: Choices) {
  return {
    ...filters,
    groups: options(groups, filters.group),
    segments: options([...segments, { code: 'NONE', name: 'No segment' }], filters.segment),
    bands: bands.map((band) => ({
      value: band,
      label: `${bandLabels[band]}s (${bandScores[band]})`,
      selected: band === filters.band,
    })),
    scores: Array.from({ length: 11 }, (_, score) => ({
      value: String(score),
      selected: String(score) === filters.score,
    })),
    agents,
  };
}

/** What the address asks for is offered too when the directory does not know it: answers may carry it. */
function options(known: readonly CodeName[], chosen: string | undefined) {
  const isUnknown = chosen !== undefined && !known.some(({ code }) => code === chosen);
  const all = isUnknown ? [...known, { code: chosen, name: '' }] : known;
  return all.map(({ code, name }) => ({
    value: code,
    label: name === '' ? `${code} (unknown code)` : name,
    selected: code === chosen,
  }));
}

const bandScores = { promoter: '9–10', passive: '7–8', detractor: '0–6' } as const;

const fieldLabels: Readonly<Record<FilterName, string>> = {
  from: 'From',
  to: 'To',
  group: 'Support group',
  agent: 'Agent',
  segment: 'Segment',
  band: 'Score band',
  score: 'Score',
  q: 'Text',
  before: 'Page',
  after: 'Page',
};
