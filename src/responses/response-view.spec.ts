import type { TicketNames } from '../directory/code-names.js';
import { namedCode, responseView } from './response-view.js';
import type { Response } from './response.entity.js';

const response = {
  id: 42,
  ticketId: 'INC1',
  supportGroupCode: 'SDESK',
  agentId: 'adam.agent',
  customerId: 'carole.customer',
  customerName: 'Carole Customer',
  customerEmail: 'carole@example.com',
  overall: 9,
  factors: ['Speed'],
  comments: 'Great',
  surveyDescription: 'Survey for DemoCorp',
  language: 'de',
  completedAt: new Date('2026-11-22T02:31:00Z'),
} as unknown as Response;

const names: TicketNames = {
  supportGroupName: 'Service Desk',
  segment: { code: 'NZ', name: 'New Zealand' },
  segment2: { code: 'NONE', name: 'No Segment' },
};

const viewOf = (changed: Partial<Response> = {}) => responseView({ ...response, ...changed }, names, 'UTC');

describe('a response on its page', () => {
  it('is shown with its context', () => {
    expect(viewOf()).toEqual({
      id: 42,
      href: '/responses/42',
      ticketId: 'INC1',
      customer: 'Carole Customer, carole.customer, carole@example.com',
      supportGroup: 'Service Desk (SDESK)',
      agent: 'adam.agent',
      segment: 'New Zealand (NZ)',
      segment2: 'No Segment',
      survey: 'Survey for DemoCorp (German)',
      answeredAt: { iso: '2026-11-22T02:31:00.000Z', text: '22 Nov 2026, 02:31 UTC' },
      score: { overall: '9', bandLabel: 'Promoter', kind: 'promoter' },
      factors: [{ label: 'Speed', positive: true }],
      comments: 'Great',
    });
  });

  it.each([
    [0, 'Detractor'],
    [6, 'Detractor'],
    [7, 'Passive'],
    [8, 'Passive'],
  ])('with a score of %d comes from a %s, whose factors are complaints', (overall, bandLabel) => {
    expect(viewOf({ overall })).toMatchObject({
      score: { overall: String(overall), bandLabel, kind: bandLabel.toLowerCase() },
      factors: [{ label: 'Speed', positive: false }],
    });
  });

  it('names the customer once, by as much as is known', () => {
    expect(viewOf({ customerName: '', customerId: 'carole@example.com' }).customer).toBe('carole@example.com');
    expect(viewOf({ customerName: '', customerId: '', customerEmail: '' }).customer).toBe('');
  });
});

test('a code stands behind its name, alone where it has none, and not at all where there is no segment', () => {
  expect(namedCode('New Zealand', 'NZ')).toBe('New Zealand (NZ)');
  expect(namedCode('', 'OLD')).toBe('OLD');
  expect(namedCode('No Segment', 'NONE')).toBe('No Segment');
  expect(namedCode('Nameless', '')).toBe('Nameless');
});
