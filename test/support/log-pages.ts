type Model = Record<string, unknown>;

const moment = '2026-11-22 02:31:05';
const headers = [{ name: 'content-type', value: 'application/json' }];

/** A model for each page of the Webhook Log and of Resend many, with all its texts. */
export function logPages(portal: Model): Record<string, Model> {
  return {
    'redeliveries/index': {
      ...portal,
      form: {
        kind: 'failed',
        kinds: [{ value: 'failed', label: 'Everything that failed', chosen: true }],
        webhooks: [{ value: '1', label: 'Tickets', chosen: false }],
        webhookIds: ['a65768befa38a'],
        from: '2026-11-21',
        perSecond: '20',
        most: 500,
      },
      errors: [{ field: 'to', message: 'Must not lie before the first day.' }],
      counted: {
        none: false,
        kind: 'Everything that failed',
        words: '2 deliveries would be sent again',
        button: 'Send',
      },
      rows: [
        {
          id: 7,
          kind: 'Everything that failed',
          webhookName: 'Transactional survey webhook',
          range: 'from 2026-11-21 00:00 (GMT)',
          status: 'Running',
          statusKind: 'progress',
          isRunning: true,
          found: 1_200,
          redelivered: 40,
          skipped: 2,
          handled: 42,
          perSecond: 20,
          requestedBy: 'admin@example.com',
          began: { iso: '2026-11-22T02:31:05Z', text: '22 Nov 2026, 15:31 GMT+13' },
        },
      ],
      pollSeconds: 2,
      address: '/redeliveries',
    },
    'webhook-log/index': {
      ...portal,
      rows: [
        {
          webhookId: 'a65768befa38a',
          listeningPost: 'Transactional',
          lastActivity: moment,
          lastResponseCode: 500,
          lastResponse: 'broken',
          attempts: '5 + 1 manual',
          status: 'Failed',
          statusKind: 'bad',
          test: true,
          waitingReason: 'The webhook is switched off',
          ticketId: 'INC123456',
          href: '/webhook-log/a65768befa38a',
        },
        {
          webhookId: 'a65768befa38b',
          listeningPost: 'Relationship',
          noResponseWords: 'The receiver did not answer in time.',
          attempts: '1',
          status: 'In Progress',
          statusKind: 'progress',
          href: '/webhook-log/a65768befa38b',
        },
      ],
      newerHref: '/webhook-log?newer=1',
      olderHref: '/webhook-log?older=1',
      empty: false,
    },
    'webhook-log/show': {
      ...portal,
      webhookId: 'a65768befa38a',
      listeningPost: 'Transactional',
      status: 'In Progress',
      statusKind: 'progress',
      test: true,
      sentence: [{ text: 'When a ' }, { text: 'transactional survey', strong: true }],
      webhookName: 'Tickets',
      webhookHref: '/webhooks/7',
      ticketId: 'INC123456',
      responseId: '3690',
      notesHref: '/service-recovery-notes?id=3690',
      createdAt: moment,
      payload: '{"Comments":"one\\ntwo"}',
      attempts: [
        {
          number: 1,
          manual: true,
          statusKind: 'bad',
          startedAt: moment,
          duration: '1.2 s',
          words: 'Refused',
          code: 401,
          exchanges: [
            {
              request: { line: 'POST https://example.com/', headers },
              reply: { status: 401, headers, body: 'received', notes: ['Cut'] },
            },
          ],
        },
      ],
      next: { due: moment, relative: 'in 4 min', words: 'Attempt 2 of 5' },
      waitingReason: 'The webhook is switched off',
      resend: { action: '/deliveries/a65768befa38a/redelivery', allowed: false, reason: 'A call is under way' },
    },
  };
}
