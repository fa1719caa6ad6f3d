type Model = Record<string, unknown>;

const at = { iso: '2026-11-22T02:31:05.000Z', text: '22 Nov 2026, 15:31 GMT+13' };
const score = { overall: '0', bandLabel: 'Detractor', kind: 'detractor' };
const answer = { score, factors: [{ label: 'Speed', positive: false }], comments: 'Too slow' };
const response = {
  ...answer,
  id: '3690',
  ticketId: 'INC123456',
  customer: 'carole.customer',
  supportGroup: 'Service Desk',
  agent: 'adam.agent',
  segment: 'New Zealand',
  segment2: 'No Segment',
  survey: 'Survey for DemoCorp (English)',
  answeredAt: at,
};
const notes = {
  notes: [{ author: 'admin@example.com', writtenAt: at, text: 'Called back' }],
  action: '/service-recovery-notes',
  responseId: '3690',
  page: 'response',
};
const option = { value: 'SDESK', label: 'Service Desk', selected: true };
const number = { label: '3', href: '/responses?score=0' };

/** A model for each page of dashboard, responses, service recovery and receiver, with all its texts. */
export function insightPages(portal: Model): Record<string, Model> {
  return {
    'dashboard/index': {
      ...portal,
      days: 30,
      score: { headline: '+40', words: 'Between +20 and +60' },
      count: { label: '100 responses', href: '/responses' },
      bands: [{ kind: 'promoter', label: 'Promoters', count: '60', share: '60 %', href: '/responses?band=promoter' }],
      picture: {
        width: 600,
        height: 170,
        left: 46,
        floor: 140,
        lines: [{ y: 10, label: '20' }],
        labels: [{ x: 10, anchor: 'middle', label: '22 Nov' }],
        bars: [{ band: 'detractor', x: 1, y: 1, width: 1, height: 1 }],
      },
      pictureWords: '100 responses in 30 days',
      dayRows: [{ day: '22 Nov', total: number, promoters: number, passives: number, detractors: number }],
      comments: [{ href: '/responses/1', title: 'INC1', customer: 'Carole', score, text: 'Too slow', answeredAt: at }],
      timeZone: 'Pacific/Auckland',
      trouble: {
        failed: {
          count: 1,
          days: 7,
          href: '/webhook-log?status=failed',
          latest: [
            {
              webhookId: 'a65768befa38a',
              href: '/webhook-log/a65768befa38a',
              ticketId: 'INC1',
              code: '500',
              createdAt: at.iso,
            },
          ],
        },
        waiting: [{ count: 2, reason: 'It is off', webhookName: 'Survey webhook', href: '/webhook-log?webhook=1' }],
        overdue: { count: 3, minutes: 5, href: '/webhook-log?status=in_progress' },
      },
    },
    'responses/index': {
      ...portal,
      rows: [
        {
          href: '/responses/3690',
          answeredAt: at,
          ticket: 'INC123456',
          supportGroup: 'Service Desk',
          agent: 'adam.agent',
          segments: 'New Zealand',
          customer: 'Carole',
          score,
          comment: 'Too slow',
        },
      ],
      isNarrowed: true,
      nothingFurther: true,
      countWords: '1 response found',
      newestHref: '/responses',
      exportHref: '/responses.csv?q=slow',
      newerHref: '/responses?after=1-1',
      olderHref: '/responses?before=1-1',
      form: {
        q: 'slow',
        from: '2026-11-01',
        to: '2026-11-22',
        agent: 'adam.agent',
        groups: [option],
        segments: [option],
        bands: [option],
        scores: [{ value: '0', selected: true }],
        agents: ['adam.agent'],
      },
      errors: [{ field: 'from', message: 'Give a day' }],
      timeZone: 'Pacific/Auckland',
    },
    'responses/show': {
      ...portal,
      response,
      notes,
      deliveries: {
        deliveries: [
          {
            webhookId: 'a65768befa38a',
            href: '/webhook-log/a65768befa38a',
            lastActivity: at.iso,
            code: '500',
            attempts: '2',
            status: 'In Progress',
            statusKind: 'progress',
            waitingReason: 'Waits because it is off',
          },
        ],
        moreHref: '/webhook-log?text=3690',
      },
      earlier: [{ ...answer, givenAt: at, replacedAt: at }],
    },
    'service-recovery/notes': {
      ...portal,
      response: { ...response, href: '/responses/3690' },
      notes: { ...notes, noteError: 'Write something', noteText: 'typed' },
    },
    'receiver/index': {
      ...portal,
      url: 'http://localhost/receiver/x',
      nextAnswer: 'will be answered with 200.',
      answers: [{ value: 'ok', label: '200', hint: 'The call succeeded.', checked: true }],
      code: '404',
      seconds: '5',
      errors: [{ field: 'code', message: 'A code is a number' }],
      calls: [
        {
          id: '17',
          receivedAt: at,
          answered: 'Answered 200.',
          method: 'POST',
          path: '/receiver/x',
          headers: [{ name: 'content-type', value: 'application/json' }],
          body: 'hello',
          notes: ['Cut'],
        },
      ],
      empty: false,
    },
  };
}
