import type { Premises } from './hostile-input-premises.js';
import { PASSWORD } from './hostile-input-premises.js';
import { parametersOf, type Route } from './routes.js';

/** How to ask a route for something it does. */
export interface KnownRoute {
  /** What fills each parameter of the path. */
  parameters?: (of: Premises) => Record<string, string | number>;
  /** Every query parameter that it takes, with a value that it accepts. */
  query?: (of: Premises) => Record<string, string | number>;
  /** Every field of its body, with a value that it accepts. */
  body?: (of: Premises) => Record<string, unknown>;
  /** It ends or replaces the session that asks. */
  endsSession?: true;
  /** It computes a password's hash, which takes a quarter of a second. */
  slow?: true;
}

const NOTHING = () => ({});
const ticket = {
  ticketId: 'INC7',
  supportGroupCode: 'SDESK',
  agentId: 'adam.agent',
  customer: 'carole',
  customerName: 'Carole',
  customerEmail: 'carole@example.com',
  segmentCode: 'NZ',
  segment2Code: 'AU',
  language: 'en',
};
/** Nobody listens there: the system gives higher ports to who asks for any. */
const integration = { url: 'http://127.0.0.1:10009/hook', username: 'answerback', password: 'p' };
const ticketLink = ({ portalCode, surveyCode }: Premises) => ({
  tc: 'ts',
  sc: surveyCode,
  cpc: portalCode,
  tid: 'INC8',
  rgid: 'SDESK',
  agid: 'adam.agent',
  cid: 'carole',
  sgid1: 'NZ',
  sgid2: 'AU',
});
const answers = () => ({ overall: '9', factors: 'Speed', comments: 'Good', form: 'form-id-0001' });
const token = ({ surveyPath }: Premises) => ({ token: surveyPath.split('/')[2]! });
const listeningPost = () => ({ listeningPost: 'transactional' });
const webhookId = (of: Premises) => ({ webhookId: of.webhookId });
const webhookNumber = (of: Premises) => ({ id: of.otherWebhookNumber });
const bulkRedelivery = (of: Premises) => ({ id: of.bulkRedeliveryId });
const days = { from: '2026-01-01', to: '2026-12-31' };

/**
 * Every route that has parameters, takes a body or reads a query. A route that changes something and is missing here
 * fails test/web/hostile-requests.spec.ts; one that only reads, at a path without parameters, need not be here.
 */
export const knownRoutes: Readonly<Record<string, KnownRoute>> = {
  'GET /sign-in': { query: () => ({ returnTo: '/dashboard' }) },
  'POST /sign-in': {
    body: ({ admin }) => ({ email: admin.email, password: PASSWORD, returnTo: '/dashboard' }),
    endsSession: true,
    slow: true,
  },
  'POST /sign-out': { body: NOTHING, endsSession: true },
  'POST /account/name': { body: () => ({ name: 'Mary Member' }) },
  'POST /account/password': {
    body: () => ({ current: PASSWORD, password: 'walnut-harbour-comet-9', again: 'walnut-harbour-comet-9' }),
    endsSession: true,
    slow: true,
  },
  'POST /account/ended-sessions': { body: () => ({ session: 'others' }), endsSession: true },
  'GET /join/:token': { parameters: ({ joinToken }) => ({ token: joinToken }) },
  'POST /join/:token': {
    parameters: ({ joinToken }) => ({ token: joinToken }),
    body: () => ({ name: 'Nora New', password: 'walnut-harbour-comet-9', again: 'walnut-harbour-comet-9' }),
    endsSession: true,
    slow: true,
  },
  'GET /members': { query: ({ memberInvitationId }) => ({ invitation: memberInvitationId }) },
  'POST /members/invitations': {
    body: () => ({ email: 'nora@example.com', name: 'Nora New', role: 'viewer' }),
  },
  'POST /members/invitations/:id/withdrawal': {
    parameters: ({ memberInvitationId }) => ({ id: memberInvitationId }),
    body: NOTHING,
  },
  'POST /members/:id/role': { parameters: ({ viewer }) => ({ id: viewer.id }), body: () => ({ role: 'viewer' }) },
  'POST /members/:id/ended-sessions': { parameters: ({ viewer }) => ({ id: viewer.id }), body: NOTHING },
  'POST /members/:id/removal': { parameters: ({ viewer }) => ({ id: viewer.id }), body: NOTHING },
  'GET /audit': { query: () => ({ before: '1000000' }) },
  'GET /directory': { query: () => ({ add: 'segments', code: 'AU' }) },
  'POST /directory/:kind': {
    parameters: () => ({ kind: 'support-groups' }),
    body: () => ({ code: 'NEW', name: 'New group' }),
  },
  'GET /directory/:kind/:id': { parameters: ({ groupId }) => ({ kind: 'support-groups', id: groupId }) },
  'POST /directory/:kind/:id': {
    parameters: ({ groupId }) => ({ kind: 'support-groups', id: groupId }),
    body: () => ({ code: 'CHANGED', name: 'Changed group' }),
  },
  'POST /surveys/:code': {
    parameters: ({ surveyCode }) => ({ code: surveyCode }),
    body: () => ({ description: 'Survey', language: 'en', thankYouText: 'Thank you.' }),
  },
  'POST /api/v1/invitations': {
    body: ({ surveyCode }) => ({ ...ticket, survey: surveyCode, expiresAt: '2099-12-31T23:59:59Z' }),
  },
  'GET /invitations': { query: ({ invitationId }) => ({ invited: invitationId, before: 1_000_000, after: 0 }) },
  'POST /invitations': { body: ({ surveyCode }) => ({ ...ticket, survey: surveyCode, expiresAt: '2099-12-31' }) },
  'GET /api/v1/responses': {
    query: () => ({
      ticketId: 'INC7',
      supportGroupCode: 'SDESK',
      agentId: 'adam.agent',
      customer: 'carole',
      listeningPost: 'transactional',
      completedFrom: '2026-01-01T00:00:00Z',
      completedTo: '2099-01-01T00:00:00Z',
      limit: 10,
      cursor: 1_000_000,
    }),
  },
  'GET /responses': {
    query: () => ({
      ...days,
      group: 'SDESK',
      agent: 'adam.agent',
      segment: 'NZ',
      band: 'detractor',
      score: 0,
      q: 'slow',
      before: '1763778665120-17',
      after: '1763778665120-17',
    }),
  },
  // A file has no other words than those of its rows: these let the one response through that there is.
  'GET /responses.csv': {
    query: ({ text }) => ({
      from: '2026-01-01',
      to: '2099-12-31',
      group: text,
      agent: text,
      segment: text,
      band: 'detractor',
      score: 0,
      q: text,
    }),
  },
  'GET /responses/:id': { parameters: ({ responseId }) => ({ id: responseId }) },
  'POST /preferences/general': { body: () => ({ name: 'DemoCorp', timeZone: 'Pacific/Auckland' }) },
  'GET /preferences/api-keys': { query: () => ({ made: '' }) },
  'POST /preferences/api-keys': { body: () => ({ name: 'Reporting' }) },
  'POST /preferences/api-keys/:id/revocation': {
    parameters: ({ apiKeyId }) => ({ id: apiKeyId }),
    body: NOTHING,
  },
  'GET /api/v1/integration-preferences/:listeningPost': { parameters: listeningPost },
  'PUT /api/v1/integration-preferences/:listeningPost': {
    parameters: listeningPost,
    body: () => ({ enabled: true, ...integration, serviceNowWrapper: false, hasPassword: true }),
  },
  'POST /api/v1/integration-preferences/:listeningPost/test-deliveries': { parameters: listeningPost, body: NOTHING },
  'GET /preferences/integration': { query: (of) => ({ test: of.webhookId, rotated: 'transactional' }) },
  'POST /preferences/integration/:listeningPost': {
    parameters: listeningPost,
    body: () => ({ enabled: 'on', ...integration, passwordChange: 'keep', serviceNowWrapper: 'on' }),
  },
  'POST /preferences/integration/:listeningPost/test-deliveries': { parameters: listeningPost, body: NOTHING },
  'POST /preferences/integration/:listeningPost/signing-secrets': { parameters: listeningPost, body: NOTHING },
  'POST /preferences/integration/:listeningPost/signing-secrets/:id/end': {
    parameters: ({ replacedSecretId }) => ({ listeningPost: 'transactional', id: replacedSecretId }),
    body: NOTHING,
  },
  'GET /webhook-log': {
    query: (of) => ({
      ...days,
      text: of.webhookId,
      status: 'succeeded',
      listeningPost: 'transactional',
      webhook: of.webhookNumber,
      before: of.webhookId,
      after: of.webhookId,
    }),
  },
  'GET /webhook-log/:webhookId': { parameters: webhookId },
  'POST /webhook-log/:webhookId/redelivery': { parameters: webhookId, body: NOTHING },
  'POST /api/v1/redeliveries': {
    body: () => ({
      kind: 'failed',
      listeningPost: 'transactional',
      from: '2026-01-01T00:00:00Z',
      to: '2099-01-01T00:00:00Z',
      perSecond: 10,
      dryRun: true,
    }),
  },
  'GET /api/v1/redeliveries/:id': { parameters: bulkRedelivery },
  'POST /api/v1/redeliveries/:id/cancellation': { parameters: bulkRedelivery, body: NOTHING },
  'GET /webhooks/:id': { parameters: webhookNumber },
  'POST /webhooks/:id/switch': { parameters: webhookNumber, body: () => ({ enabled: 'on' }) },
  'GET /redeliveries': {
    query: (of) => ({ ...days, kind: 'failed', webhook: of.webhookNumber, perSecond: 10, webhookId: of.webhookId }),
  },
  'POST /redeliveries': {
    body: (of) => ({
      ...days,
      kind: 'failed',
      webhook: String(of.webhookNumber),
      perSecond: '10',
      webhookId: of.webhookId,
    }),
  },
  'POST /redeliveries/:id/cancellation': { parameters: bulkRedelivery, body: NOTHING },
  'GET /api/v1/deliveries': {
    query: (of) => ({
      status: 'succeeded',
      listeningPost: 'transactional',
      ticketId: 'INC7',
      responseId: of.responseId,
      test: 'false',
      createdFrom: '2026-01-01T00:00:00Z',
      createdTo: '2099-01-01T00:00:00Z',
      limit: 10,
      cursor: of.webhookId,
    }),
  },
  'GET /api/v1/deliveries/:webhookId': { parameters: webhookId },
  'POST /api/v1/deliveries/:webhookId/redelivery': { parameters: webhookId, body: NOTHING },
  'GET /s/:token': { parameters: token, query: () => ({ score: 9 }) },
  'POST /s/:token': { parameters: token, body: answers },
  'GET /s/:token/thank-you': { parameters: token, query: () => ({ replaced: 1 }) },
  'GET /': { query: ticketLink },
  'GET /t': { query: (of) => ({ ...ticketLink(of), score: 9 }) },
  'POST /t': { query: ticketLink, body: answers },
  'GET /t/thank-you': { query: (of) => ({ ...ticketLink(of), replaced: 1 }) },
  'GET /service-recovery-notes': { query: ({ responseId }) => ({ id: responseId }) },
  'POST /service-recovery-notes': {
    body: ({ responseId }) => ({ id: String(responseId), text: 'Called back.', page: 'response' }),
  },
  'POST /receiver-settings': { body: () => ({ answer: 'ok', code: '404', seconds: '5' }) },
  'ALL /receiver/:portalCode': { parameters: ({ portalCode }) => ({ portalCode }), body: NOTHING },
  'ALL /receiver/:portalCode/*below': {
    parameters: ({ portalCode }) => ({ portalCode, below: 'hook' }),
    body: NOTHING,
  },
};

/** What a test still has to be told about a route, for whoever added it; null when it is known well enough. */
export function missingFor(route: Route): string | null {
  const known = knownRoutes[route.name];
  const takesBody = !['GET', 'HEAD'].includes(route.method);
  const lacks = [
    ...(parametersOf(route).length > 0 && !known?.parameters ? ['`parameters` that fill its path'] : []),
    ...(takesBody && !known?.body ? ['the `body` it accepts (`NOTHING` for none)'] : []),
  ];
  return lacks.length === 0
    ? null
    : `${route.name} is new: add it to knownRoutes in test/support/hostile-input-routes.ts, with ${lacks.join(' and ')}.`;
}

/** Where the route is asked, for things of this organisation. */
export function addressOf(route: Route, of: Premises): string {
  const { parameters = NOTHING, query = NOTHING } = knownRoutes[route.name] ?? {};
  return pathOf(route, parameters(of)) + queryOf(query(of));
}

export function pathOf({ path }: Route, values: Record<string, string | number>): string {
  return path.replaceAll(/[:*](\w+)/g, (_, name: string) => encodeURIComponent(String(values[name] ?? '')));
}

export function queryOf(query: Record<string, unknown>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
