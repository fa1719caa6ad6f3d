import { z } from 'zod';
import { textField } from '../web/fields.js';

export const bands = ['promoter', 'passive', 'detractor'] as const;

const day = z.iso
  .date({ error: 'Give a day such as 2026-11-22.' })
  .refine((given) => given >= '1900' && given < '9000', { error: 'Give a day between the years 1900 and 9000.' });
const text = textField(200);
const cursor = z.string().regex(/^\d{1,16}-\d{1,15}$/, { error: 'This page of the list does not exist.' });

/** The list's address, read field by field: empty fields of its form narrow nothing. */
const fields = {
  from: day,
  to: day,
  group: text,
  agent: text,
  segment: text,
  band: z.enum(bands, { error: 'Choose promoters, passives or detractors.' }),
  score: z.string().regex(/^(\d|10)$/, { error: 'A score is a whole number from 0 to 10.' }),
  q: text,
  /** The list goes on behind, or ends in front of, the response at this place. */
  before: cursor,
  after: cursor,
};

export type FilterName = keyof typeof fields;
export type ResponseFilters = Partial<Record<FilterName, string>>;

export interface ReadFilters {
  filters: ResponseFilters;
  errors: { field: FilterName; message: string }[];
}

/** Reads a query as it came; what is wrong stays in `filters`, so that the form shows it beside its error. */
export function readFilters(query: Readonly<Record<string, unknown>>): ReadFilters {
  const filters: ResponseFilters = {};
  const errors: ReadFilters['errors'] = [];
  for (const name of Object.keys(fields) as FilterName[]) {
    const given = query[name];
    if (given === undefined || given === '') {
      continue;
    }
    const result = fields[name].safeParse(given);
    if (result.success) {
      filters[name] = result.data;
    } else {
      filters[name] = typeof given === 'string' ? given : '';
      errors.push({ field: name, message: typeof given === 'string' ? messageOf(result.error) : 'Give it once.' });
    }
  }
  if (filters.from && filters.to && filters.from > filters.to && errors.length === 0) {
    errors.push({ field: 'to', message: 'The last day lies before the first one.' });
  }
  return { filters, errors };
}

/** The address of the list under these filters. */
export function responsesHref(filters: ResponseFilters): string {
  return hrefOf('/responses', filters);
}

/** The address of all that the filters let through, as a file. */
export function exportHref(filters: ResponseFilters): string {
  return hrefOf('/responses.csv', filters);
}

function hrefOf(path: string, filters: ResponseFilters): string {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined && value !== '');
  const query = new URLSearchParams(given).toString();
  return query === '' ? path : `${path}?${query}`;
}

function messageOf({ issues }: z.ZodError): string {
  return issues[0]!.message;
}
