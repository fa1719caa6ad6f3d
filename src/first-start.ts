import { randomBytes } from 'node:crypto';
import { MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { createApiKey } from './accounts/create-api-key.js';
import { createMember } from './accounts/create-member.js';
import { newPasswordProblem } from './accounts/password.js';
import { Organisation } from './accounts/organisation.entity.js';
import { Environment } from './config/environment.js';
import { Keyring } from './config/keyring.js';
import { Segment, SupportGroup } from './directory/directory.entity.js';
import { CannotStart } from './ground.js';
import { linkPath } from './invitations/invitation-link.js';
import { Invitation } from './invitations/invitation.entity.js';
import { invite } from './invitations/invite.js';
import { RECEIVER_PATH } from './outbound/outbound.module.js';
import { Survey } from './surveys/survey.entity.js';
import { createSurveyWebhook } from './webhooks/survey-webhook.js';

/** What the first start made and is shown once; null at every later start. */
export interface FirstStart {
  /** Generated, or null when ADMIN_PASSWORD gave it. */
  password: string | null;
  /** Generated, or null when API_KEY gave it. */
  apiKey: string | null;
}

const FIRST_ORGANISATION = 'DemoCorp';

const DEMO_TICKETS = [
  {
    ticketId: 'INC123456',
    supportGroupCode: 'SDESK',
    agentId: 'adam.agent',
    customerId: 'carole.customer',
    segmentCode: 'NZ',
  },
  {
    ticketId: 'INC123457',
    supportGroupCode: 'NETOPS',
    agentId: 'nina.network',
    customerId: 'carl.customer',
    segmentCode: 'AU',
  },
  { ticketId: 'INC123458', supportGroupCode: 'SDESK', agentId: 'adam.agent', customerId: 'chris.customer' },
];

/**
 * Fills an empty database with a first organisation, so that the whole flow can be tried at once. The
 * lock makes it happen once when several processes start together.
 */
export async function prepareFirstStart(app: INestApplicationContext): Promise<FirstStart | null> {
  const em = app.get(MikroORM).em.fork();
  return em.transactional(async (transaction) => {
    await transaction.execute(`select pg_advisory_xact_lock(hashtext('first_start'))`);
    if ((await transaction.count(Organisation)) > 0) {
      return null;
    }
    refuseGuessablePassword(app.get(Environment));
    return createDemoCorp(transaction, app.get(Environment), app.get(Keyring));
  });
}

/**
 * A survey link to open: the demo ticket's in the first organisation. Null when there is none any more, or
 * when it cannot be read under the keys there are.
 */
export async function demoSurveyLink(app: INestApplicationContext): Promise<string | null> {
  const em = app.get(MikroORM).em.fork();
  const [first] = await em.find(Organisation, {}, { orderBy: { id: 'asc' }, limit: 1 });
  const invitation =
    first && (await em.findOne(Invitation, { organisationId: first.id, ticketId: DEMO_TICKETS[0]!.ticketId }));
  try {
    return invitation ? `${app.get(Environment).baseUrl}${linkPath(app.get(Keyring), invitation)}` : null;
  } catch (error) {
    new Logger('Start').warn((error as Error).message);
    return null;
  }
}

/**
 * Lets webhooks that point at the built-in receiver follow a changed PORT or BASE_URL. The portal code in
 * the path tells them: nobody else's address ends in it.
 */
export async function followBaseUrl(app: INestApplicationContext): Promise<void> {
  const receiver = `${app.get(Environment).baseUrl}${RECEIVER_PATH}/`;
  await app
    .get(MikroORM)
    .em.fork()
    .execute(
      `update webhook set request = jsonb_set(request, '{url}', to_jsonb(?::text || portal_code))
       from organisation
      where organisation.id = webhook.organisation_id
        and request ->> 'url' like 'http%' || ? || '/' || portal_code
        and request ->> 'url' <> ?::text || portal_code`,
      [receiver, RECEIVER_PATH, receiver],
    );
}

/** The first administrator may do everything: their password is held to what everybody's is. */
function refuseGuessablePassword({ adminEmail, adminPassword }: Environment): void {
  const owner = { email: adminEmail, organisationName: FIRST_ORGANISATION };
  const problem = adminPassword === undefined ? null : newPasswordProblem(adminPassword, owner);
  if (problem) {
    throw new CannotStart(`ADMIN_PASSWORD: ${problem}`);
  }
}

async function createDemoCorp(em: EntityManager, environment: Environment, keyring: Keyring): Promise<FirstStart> {
  const organisation = em.create(Organisation, { name: FIRST_ORGANISATION, portalCode: newCode(), plan: 'enterprise' });
  await em.flush();
  await createDirectory(em, organisation.id);
  await createSurveyWithTickets(em, keyring, organisation.id);
  await createWebhooks(em, keyring, organisation, environment.baseUrl);
  return createAccess(em, environment, organisation.id);
}

async function createDirectory(em: EntityManager, organisationId: number): Promise<void> {
  em.create(SupportGroup, { organisationId, code: 'SDESK', name: 'Service Desk' });
  em.create(SupportGroup, { organisationId, code: 'NETOPS', name: 'Network Operations' });
  em.create(Segment, { organisationId, code: 'NZ', name: 'New Zealand' });
  em.create(Segment, { organisationId, code: 'AU', name: 'Australia' });
  await em.flush();
}

async function createSurveyWithTickets(em: EntityManager, keyring: Keyring, organisationId: number): Promise<void> {
  const survey = em.create(Survey, {
    organisationId,
    code: newCode(),
    listeningPost: 'transactional',
    description: 'Survey for DemoCorp',
    thankYouText: 'Thank you. Your answer goes straight to the people who can act on it.',
  });
  await em.flush();
  for (const ticket of DEMO_TICKETS) {
    await invite(em, keyring, survey, ticket);
  }
}

/** The transactional one points at the built-in receiver, so that a first answer already shows the whole way. */
async function createWebhooks(
  em: EntityManager,
  keyring: Keyring,
  organisation: Organisation,
  baseUrl: string,
): Promise<void> {
  await createSurveyWebhook(em, keyring, organisation.id, 'relationship');
  const webhook = await createSurveyWebhook(em, keyring, organisation.id, 'transactional');
  webhook.request = { ...webhook.request, url: `${baseUrl}${RECEIVER_PATH}/${organisation.portalCode}` };
  webhook.enabled = true;
  await em.flush();
}

async function createAccess(em: EntityManager, environment: Environment, organisationId: number): Promise<FirstStart> {
  const password = environment.adminPassword ?? randomBytes(16).toString('base64url');
  await createMember(em, {
    organisationId,
    email: environment.adminEmail,
    name: 'Administrator',
    password,
    role: 'admin',
  });
  const apiKey = await createApiKey(em, organisationId, 'First start', environment.apiKey);
  return {
    password: environment.adminPassword === undefined ? password : null,
    apiKey: environment.apiKey === undefined ? apiKey : null,
  };
}

/** A code for links: not secret, but not to be guessed from the organisation's name either. */
function newCode(): string {
  return randomBytes(6).toString('hex');
}
