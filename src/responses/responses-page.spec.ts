import type { ReadFilters, ResponseFilters } from './response-filters.js';
import type { ListedResponse, ResponsePage } from './response-list.js';
import { type Choices, excerpt, listView } from './responses-page.js';

const choices: Choices = {
  groups: [{ code: 'SDESK', name: 'Service Desk' }],
  segments: [
    { code: 'NZ', name: 'New Zealand' },
    { code: 'FIN', name: 'Finance' },
  ],
  agents: ['adam.agent', 'bella'],
};

const row: ListedResponse = {
  id: 42,
  ticket_id: 'INC1',
  support_group_code: 'SDESK',
  agent_id: 'adam.agent',
  customer_id: 'carole.customer',
  customer_name: 'Carole Customer',
  customer_email: 'carole@example.com',
  segment_code: 'NZ',
  segment_2_code: 'FIN',
  overall: 0,
  comments: ' Too \n slow ',
  completed_at: new Date('2026-11-22T02:31:00Z'),
  place: '1795314660000000-42',
};

function view(page: Partial<ResponsePage> = {}, filters: ResponseFilters = {}, errors: ReadFilters['errors'] = []) {
  const responses = page.responses ?? [row];
  const whole = {
    responses,
    count: { number: responses.length, atLeast: false },
    hasNewer: false,
    hasOlder: false,
    ...page,
  };
  return listView(whole, { filters, errors }, choices, 'Pacific/Auckland');
}

const selected = (options: readonly { value: string; selected: boolean }[]) =>
  options.filter((option) => option.selected).map(({ value }) => value);

const words = (number: number, atLeast = false, filters: ResponseFilters = {}) =>
  view({ count: { number, atLeast } }, filters).countWords;

const rowOf = (changed: Partial<ListedResponse>) => view({ responses: [{ ...row, ...changed }] }).rows[0]!;

describe('a row of the list', () => {
  it('names what its codes are called, and when it was answered where the organisation is', () => {
    expect(rowOf({})).toEqual({
      href: '/responses/42',
      answeredAt: { iso: '2026-11-22T02:31:00.000Z', text: '22 Nov 2026, 15:31 GMT+13' },
      ticket: 'INC1',
      supportGroup: 'Service Desk',
      agent: 'adam.agent',
      segments: 'New Zealand, Finance',
      customer: 'Carole Customer',
      score: { overall: '0', bandLabel: 'Detractor', kind: 'detractor' },
      comment: 'Too slow',
    });
  });

  it('shows a code that the directory does not have as it came', () => {
    expect(rowOf({ support_group_code: 'OLD', segment_code: 'X' })).toMatchObject({
      supportGroup: 'OLD',
      segments: 'X, Finance',
    });
  });

  it('has no segment where there is none', () => {
    expect(rowOf({ segment_code: '', segment_2_code: 'NONE' }).segments).toBe('');
    expect(rowOf({ segment_code: 'NONE', segment_2_code: 'FIN' }).segments).toBe('Finance');
    expect(rowOf({ segment_code: '', segment_2_code: 'FIN' }).segments).toBe('Finance');
  });

  it('names the customer by what is known, and the response where there is no ticket', () => {
    expect(rowOf({ customer_name: '' }).customer).toBe('carole.customer');
    expect(rowOf({ customer_name: '', customer_id: '' }).customer).toBe('carole@example.com');
    expect(rowOf({ ticket_id: '' }).ticket).toBe('Response 42');
  });
});

describe('an excerpt', () => {
  it('is one line of at most 160 characters', () => {
    expect(excerpt(' a\n\n b\tc ')).toBe('a b c');
    expect(excerpt('x'.repeat(160))).toBe('x'.repeat(160));
    expect(excerpt('x'.repeat(161))).toBe(`${'x'.repeat(160)}…`);
  });

  it('ends with a whole character and without a blank', () => {
    expect(excerpt('😀'.repeat(161))).toBe(`${'😀'.repeat(160)}…`);
    expect(excerpt(`${'x'.repeat(159)} yz`)).toBe(`${'x'.repeat(159)}…`);
  });
});

describe('the list', () => {
  it('counts what it found', () => {
    expect(words(0)).toBe('0 responses');
    expect(words(1)).toBe('1 response');
    expect(words(1234)).toBe('1,234 responses');
    expect(words(10_000, true)).toBe('More than 10,000 responses');
    expect(words(1, false, { q: 'x' })).toBe('1 response found');
  });

  it('tells apart that nobody answered, that nothing fits and that nothing lies further back', () => {
    const kinds = ({ noneYet, noneFound, nothingFurther, isNarrowed }: ReturnType<typeof view>) => ({
      noneYet,
      noneFound,
      nothingFurther,
      isNarrowed,
    });
    const none = { noneYet: false, noneFound: false, nothingFurther: false, isNarrowed: false };
    const empty = { responses: [] };
    expect(kinds(view())).toEqual(none);
    expect(kinds(view(empty))).toEqual({ ...none, noneYet: true });
    expect(kinds(view(empty, { q: 'x' }))).toEqual({ ...none, noneFound: true, isNarrowed: true });
    const beyond = { responses: [], count: { number: 3, atLeast: false } };
    expect(kinds(view(beyond, { before: '1-1' }))).toEqual({ ...none, nothingFurther: true });
  });

  it('leads on under the same filters', () => {
    const responses = [row, { ...row, id: 41, place: '1795314660000000-41' }];
    const filters = { band: 'detractor', before: '9-9', after: '8-8' };
    expect(view({ responses, hasNewer: true, hasOlder: true }, filters)).toMatchObject({
      newerHref: '/responses?band=detractor&after=1795314660000000-42',
      olderHref: '/responses?band=detractor&before=1795314660000000-41',
      newestHref: '/responses?band=detractor',
    });
    expect(view({ responses: [], hasNewer: true }).newerHref).toBe('/responses');
    expect(view({ responses })).toMatchObject({ newerHref: null, olderHref: null, newestHref: null });
  });

  it('names the field of an error as its form does', () => {
    const fields = ['from', 'to', 'group', 'agent', 'segment', 'band', 'score', 'q', 'before', 'after'] as const;
    const errors = fields.map((field) => ({ field, message: 'Wrong.' }));
    expect(view({}, {}, errors).errors).toEqual(
      ['From', 'To', 'Support group', 'Agent', 'Segment', 'Score band', 'Score', 'Text', 'Page', 'Page'].map(
        (label, index) => ({ field: fields[index], message: `${label}: Wrong.` }),
      ),
    );
  });
});

describe('the form of the list', () => {
  it('offers what the organisation has', () => {
    const { form, timeZone } = view();
    expect(form.groups).toEqual([{ value: 'SDESK', label: 'Service Desk', selected: false }]);
    expect(form.segments.map(({ label }) => label)).toEqual(['New Zealand', 'Finance', 'No segment']);
    expect(form.bands).toEqual([
      { value: 'promoter', label: 'Promoters (9–10)', selected: false },
      { value: 'passive', label: 'Passives (7–8)', selected: false },
      { value: 'detractor', label: 'Detractors (0–6)', selected: false },
    ]);
    expect(form.scores.map(({ value }) => value)).toEqual('0 1 2 3 4 5 6 7 8 9 10'.split(' '));
    expect(form.agents).toEqual(['adam.agent', 'bella']);
    expect(timeZone).toBe('Pacific/Auckland');
  });

  it('has what was chosen selected, and a code that the directory does not know beside the others', () => {
    const { form } = view({}, { group: 'OLD', segment: 'NONE', band: 'passive', score: '0', q: 'slow', before: '1-1' });
    expect(form.groups).toEqual([
      { value: 'SDESK', label: 'Service Desk', selected: false },
      { value: 'OLD', label: 'OLD (unknown code)', selected: true },
    ]);
    expect(form.segments).toContainEqual({ value: 'NONE', label: 'No segment', selected: true });
    expect([form.segments, form.bands, form.scores].map(selected)).toEqual([['NONE'], ['passive'], ['0']]);
    expect(form.q).toBe('slow');
    expect(form).not.toHaveProperty('before');
  });
});
