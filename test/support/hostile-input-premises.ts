import { randomUUID } from 'node:crypto';
import { hashSync } from 'bcrypt';
import { createApiKey } from '../../src/accounts/create-api-key.js';
import { inviteMember } from '../../src/accounts/invite-member.js';
import type { Role } from '../../src/accounts/member.entity.js';
import { Keyring } from '../../src/config/keyring.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { Segment, SupportGroup } from '../../src/directory/directory.entity.js';
import { linkPath } from '../../src/invitations/invitation-link.js';
import { Note } from '../../src/service-recovery/note.entity.js';
import { Survey } from '../../src/surveys/survey.entity.js';
import { rotateSigningSecret } from '../../src/webhooks/signing-secrets.js';
import { Webhook } from '../../src/webhooks/webhook.entity.js';
import { attempted, deliveriesAbout } from './deliveries.js';
import { eventually } from './eventually.js';
import { answer, buildInvitation, buildOrganisation, buildApiWebhook } from './factories.js';
import type { TestWeb } from './web.js';

export const PASSWORD = 'gravel-lantern-otter-41';
/** As cheap as can be, because many sign in here; the hash itself says so. */
const passwordHash = hashSync(PASSWORD, 4);

/** An organisation that has one of everything, each with a text of the test's choice in it. */
export interface Premises {
  /** What stands in everything that people may write freely. */
  text: string;
  organisationId: number;
  portalCode: string;
  surveyCode: string;
  apiKey: string;
  admin: Person;
  /** Somebody to be changed and removed. */
  viewer: Person;
  /** A new member. */
  hire(role: Role): Promise<Person>;
  apiKeyId: number;
  memberInvitationId: number;
  joinToken: string;
  groupId: number;
  invitationId: number;
  /** Of the customer who was invited and has answered. */
  surveyPath: string;
  responseId: number;
  /** Of a delivery whose first attempt is in the log. */
  webhookId: string;
  /** The number of the webhook that sent it. */
  webhookNumber: number;
  /** Of a webhook that is none of Preferences. */
  otherWebhookNumber: number;
  replacedSecretId: number;
  /** Of one that is done. */
  bulkRedeliveryId: number;
}

export interface Person {
  id: number;
  email: string;
}

/**
 * Needs an application that delivers: the organisation's webhook calls its own built-in receiver.
 *
 * @param word stands in the codes and e-mails; the text stands in everything that people may write freely
 */
export async function buildPremises(web: TestWeb, { word, text = word }: { word: string; text?: string }) {
  const built = await buildOrganisation(web, null);
  const { id: organisationId, portalCode } = built.organisation;
  const em = () => web.orm.em.fork();
  await writeEverywhere(web, built, { word, text, url: `${web.url}/receiver/${portalCode}/${word}` });

  const hire = async (role: Role): Promise<Person> => {
    const email = `${role}-${randomUUID().slice(0, 8)}@${word}.example`;
    const member = { organisationId, email, name: text, role, passwordHash: passwordHash };
    const [{ id }] = await em().execute<[{ id: string }]>(
      'insert into member (organisation_id, email, name, role, password_hash) values (?, ?, ?, ?, ?) returning id',
      Object.values(member),
    );
    return { id: Number(id), email };
  };
  const admin = await hire('admin');
  const invitation = await buildInvitation(web, await em().findOneOrFail(Survey, built.survey.id), {
    ticketId: `T-${word}`,
    supportGroupCode: text,
    agentId: text,
    customerId: text,
    customerName: text,
    customerEmail: `carole@${word}.example`,
    segmentCode: text,
    segment2Code: `unknown ${text}`,
  });
  await answer(web, await em().findOneOrFail(Survey, built.survey.id), invitation, { overall: 0, comments: text });
  const responseId = await idOf(web, 'response', organisationId);
  const [delivery] = await eventually(async () => {
    const found = await deliveriesAbout(web, built.webhook.id, responseId);
    return found.length > 0 && found;
  });
  await attempted(web, delivery!, 1);
  await em().transactional(async (inner) => {
    inner.create(Note, { organisationId, responseId, authorId: admin.id, text });
    await inner.flush();
    await rotateSigningSecret(inner, web.context.get(Keyring), built.webhook);
  });
  const apiKey = await createApiKey(em(), organisationId, text);
  await createApiKey(em(), organisationId, `another ${text}`);
  const invite = async () => {
    const email = `new-${randomUUID().slice(0, 8)}@${word}.example`;
    const invitee = { organisationId, email, name: text, role: 'viewer', invitedBy: admin.id } as const;
    const invited = await em().transactional((inner) => inviteMember(inner, invitee));
    if (invited.kind !== 'invited') throw new Error('The member could not be invited.');
    return invited;
  };
  return {
    text,
    organisationId,
    portalCode,
    surveyCode: word,
    apiKey,
    admin,
    viewer: await hire('viewer'),
    hire,
    apiKeyId: await idOf(web, 'api_key', organisationId),
    memberInvitationId: (await invite()).invitation.id,
    joinToken: (await invite()).token,
    groupId: await idOf(web, 'support_group', organisationId),
    invitationId: invitation.id,
    surveyPath: linkPath(web.context.get(Keyring), invitation),
    responseId,
    webhookId: webhookIdOf(delivery!),
    webhookNumber: built.webhook.id,
    otherWebhookNumber: await makeOtherWebhook(web, built, text),
    replacedSecretId: await firstSecret(web, built.webhook.id),
    bulkRedeliveryId: await makeBulkRedelivery(web, organisationId, text),
  } satisfies Premises;
}

type Built = Awaited<ReturnType<typeof buildOrganisation>>;

async function writeEverywhere(web: TestWeb, built: Built, texts: { word: string; text: string; url: string }) {
  const { word, text, url } = texts;
  const organisationId = built.organisation.id;
  await web.orm.em.fork().transactional(async (em) => {
    em.assign(await em.findOneOrFail(Survey, built.survey.id), { code: word, description: text, thankYouText: text });
    for (const entity of [SupportGroup, Segment]) {
      em.create<{ organisationId: number; code: string; name: string }>(entity, {
        organisationId,
        code: text,
        name: text,
      });
    }
    const webhook = await em.findOneOrFail(Webhook, built.webhook.id);
    em.assign(webhook, { enabled: true, name: text, request: { ...webhook.request, url } });
    await em.flush();
    await em.execute('update organisation set name = ? where id = ?', [text, organisationId]);
    await em.execute(
      `insert into audit_entry (organisation_id, actor_email, action, target, details)
       values (?, ?, 'support_group.changed', ?, ?::jsonb)`,
      [organisationId, `gone@${word}.example`, text, JSON.stringify({ from: { name: text }, to: { name: text } })],
    );
  });
}

async function idOf(web: TestWeb, table: string, organisationId: number): Promise<number> {
  const { rows } = await web.pool.query<{ id: number }>(
    `select max(id) as id from ${table} where organisation_id = $1`,
    [organisationId],
  );
  return rows[0]!.id;
}

/** Off by itself, so that every page tells of it, and on no event that happens here. */
async function makeOtherWebhook(web: TestWeb, built: Built, text: string): Promise<number> {
  const { id } = await buildApiWebhook(web, built, `https://example.com/${encodeURIComponent(text)}`);
  await web.pool.query(
    `update webhook set name = $2, enabled = false, switched_off_at = now(), switched_off_because = 'gone',
            trigger = jsonb_set(trigger, '{on}', '["created"]')
      where id = $1`,
    [id, text],
  );
  return id;
}

async function makeBulkRedelivery(web: TestWeb, organisationId: number, text: string): Promise<number> {
  const { rows } = await web.pool.query<{ id: number }>(
    `insert into bulk_redelivery (organisation_id, kind, from_id, before_id, per_second, found, status, requested_by)
     values ($1, 'failed', 0, 1, 1, 0, 'done', $2) returning id`,
    [organisationId, text],
  );
  return rows[0]!.id;
}

async function firstSecret(web: TestWeb, webhookNumber: number): Promise<number> {
  const { rows } = await web.pool.query<{ id: number }>(
    'select min(id) as id from signing_secret where webhook_id = $1',
    [webhookNumber],
  );
  return rows[0]!.id;
}
