type Model = Record<string, unknown>;

const moment = { iso: '2026-11-22T02:31:05.120Z', text: '22 Nov 2026, 15:31 GMT+13' };
const tabs = [{ label: 'General', href: '/preferences/general', active: true }];

function errors(...fields: string[]) {
  return fields.map((field) => ({ field, message: 'Look here' }));
}

const told = { moment, words: 'The receiver answered 401.', test: true, href: '/webhook-log/a65768befa38a' };

const post = {
  id: 'transactional',
  title: 'Transactional',
  notCollecting: true,
  enabled: true,
  hasUrl: true,
  hasPassword: true,
  fields: { enabled: true, url: 'https://hooks.example.com/', username: 'answerback', serviceNowWrapper: true },
  errors: errors('url', 'username', 'password'),
  sentence: [
    { text: 'When a ', strong: false },
    { text: 'transactional survey', strong: true },
  ],
  health: {
    success: { ...told, words: null },
    failure: told,
    failing: true,
    due: '1 attempt',
    nextDue: moment,
    waits: 'It is off.',
    trouble: 'The last 25 attempts failed.',
  },
  missed: { from: moment, to: moment, href: '/redeliveries?kind=missed&webhook=7' },
  secrets: [{ id: '1', made: moment, ends: moment }],
  newSecret: 'whsec_secret',
};

const invitation = {
  id: 'invitation-1',
  ticketId: 'INC123456',
  supportGroup: 'Service Desk',
  customer: 'carole.customer',
  agent: 'adam.agent',
  made: moment,
  expires: moment,
  link: 'https://survey.example/s/token',
};

const nameless = { kind: 'segments', id: 'segments', title: 'Segments', one: 'segment', entries: [], fields: {} };

const survey = { id: 'survey-1', code: 'demo', link: 'https://survey.example/?tc=ts' };

/** A model for each page about what is set up, with all its texts. */
export function preferencesPages(portal: Model): Record<string, Model> {
  return Object.fromEntries(Object.entries(pages).map(([page, model]) => [page, { ...portal, ...model }]));
}

const pages: Record<string, Model> = {
  'preferences/integration': {
    tabs,
    mayUseWebhooks: true,
    test: {
      webhookId: 'a65768befa38a',
      href: '/webhook-log/a65768befa38a',
      pending: true,
      statusKind: 'bad',
      words: 'The receiver answered 401.',
      moment,
      nextDue: moment,
    },
    posts: [post],
  },
  'webhooks/show': {
    id: '7',
    name: 'Tickets',
    enabled: false,
    switchedOffAt: moment,
    sentence: post.sentence,
    health: post.health,
    missed: post.missed,
  },
  'preferences/general': {
    tabs,
    mayEdit: true,
    fields: { name: 'DemoCorp' },
    errors: errors('name', 'timeZone'),
    regions: [{ region: 'Pacific', zones: [{ zone: 'Pacific/Auckland', chosen: true }] }],
    savedTimeZone: 'Pacific/Auckland',
    portalCode: '61b496ebc833',
    plan: 'Enterprise',
    planCommand: 'npm run plan -- 61b496ebc833 enterprise',
    baseUrl: 'https://survey.example',
  },
  'preferences/api-keys': {
    tabs,
    newKey: 'abk_key',
    name: 'typed',
    errors: errors('name'),
    keys: [
      { id: '1', name: 'reporting', made: moment, lastUsed: moment },
      { name: 'old', made: moment, revoked: moment },
    ],
  },
  'directory/index': {
    mayEdit: true,
    answersLookedAt: 50_000,
    unknown: [
      { one: 'segment', code: 'AU', count: 2, addHref: '/directory?add=segments&code=AU' },
      { one: 'support group', code: 'R&D', count: 1 },
    ],
    sections: [
      {
        kind: 'support-groups',
        id: 'support-groups',
        title: 'Support groups',
        one: 'support group',
        entries: [{ code: 'SDESK', name: 'Service Desk', href: '/directory/support-groups/1' }],
        fields: { code: 'typed', name: 'typed' },
        errors: errors('code', 'name'),
      },
      nameless,
    ],
  },
  'directory/edit': {
    one: 'segment',
    savedCode: 'NZ',
    action: '/directory/segments/1',
    id: 'edit',
    fields: { code: 'typed', name: 'typed' },
    errors: errors('code', 'name'),
  },
  'surveys/index': {
    mayEdit: true,
    languages: [{ tag: 'de', name: 'German' }],
    surveys: [
      {
        id: 'survey-1',
        title: 'Survey for DemoCorp',
        action: '/surveys/demo',
        languageName: 'English',
        link: survey.link,
        fields: { description: 'Survey', language: 'en', thankYouText: '\nThank you.\n  Goodbye.' },
        errors: errors('description', 'language', 'thankYouText'),
      },
    ],
  },
  'invitations/index': {
    mayInvite: true,
    form: true,
    id: 'invite',
    fields: {
      ticketId: 'typed',
      supportGroupCode: 'typed',
      agentId: 'typed',
      customer: 'typed',
      customerName: 'typed',
      customerEmail: 'typed',
      segmentCode: 'typed',
      segment2Code: 'typed',
      language: 'typed',
      expiresAt: '2026-12-31',
    },
    errors: errors('survey', 'ticketId', 'customerEmail'),
    groups: [{ code: 'SDESK', name: 'Service Desk' }],
    segments: [{ code: 'NZ', name: 'New Zealand' }],
    surveys: [{ ...survey, description: 'Survey for DemoCorp', chosen: true }],
    severalSurveys: true,
    invited: { ticketId: 'INC1', link: 'https://survey.example/s/token', answered: moment },
    rows: [invitation, { ...invitation, expired: true }, { ...invitation, expires: null, answered: moment }],
    newerHref: '/invitations?after=2',
    olderHref: '/invitations?before=1',
  },
};
