import type supertest from 'supertest';
import { createApiKey } from '../../src/accounts/create-api-key.js';
import { Keyring } from '../../src/config/keyring.js';
import { encryptSecret } from '../../src/database/encryption.js';
import { sendTest } from '../../src/delivery/send-test.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { Outbox } from '../../src/outbox/outbox.js';
import { RecordCatalogue } from '../../src/records/record-catalogue.js';
import { passwordLocation } from '../../src/webhooks/secret-locations.js';
import { Webhook, WebhookAuthorization } from '../../src/webhooks/webhook.entity.js';
import { attempted, newDelivery } from './deliveries.js';
import { buildOrganisation, type TestOrganisation } from './factories.js';
import { buildMember, signIn, Visitor, type TestWeb } from './web.js';

/** An organisation with all who look at its log: a signed-in member and the holder of an API key. */
export interface Watched extends TestOrganisation {
  member: Visitor;
  api: Api;
}

export async function buildWatched(web: TestWeb, url: string | null): Promise<Watched> {
  const built = await buildOrganisation(web, url);
  const organisationId = built.organisation.id;
  const { email, password } = await buildMember(web, { organisationId });
  const key = await createApiKey(web.orm.em.fork(), organisationId, 'test');
  const member = await signIn(web, email, password);
  return { ...built, member, api: new Api(new Visitor(web), key) };
}

/** The JSON API under one key. */
export class Api {
  constructor(
    private readonly visitor: Visitor,
    private readonly key: string,
  ) {}

  get(path: string): supertest.Test {
    return this.visitor.agent.get(`/api/v1${path}`).set('Authorization', `Bearer ${this.key}`);
  }

  put(path: string): supertest.Test {
    return this.visitor.agent.put(`/api/v1${path}`).set('Authorization', `Bearer ${this.key}`);
  }

  post(path: string): supertest.Test {
    return this.visitor.agent.post(`/api/v1${path}`).set('Authorization', `Bearer ${this.key}`);
  }
}

/** A delivery whose first attempt is made; answers its Webhook ID. */
export async function attemptedDelivery(
  web: TestWeb,
  watched: TestOrganisation,
  answers: Parameters<typeof newDelivery>[2] = {},
): Promise<string> {
  const id = await newDelivery(web, watched, answers);
  await attempted(web, id, 1);
  return webhookIdOf(id);
}

/** A test of the webhook, due at once; answers its Webhook ID. */
export async function sentTest(web: TestWeb, webhook: Webhook): Promise<string> {
  const outbox = web.context.get(Outbox);
  const records = web.context.get(RecordCatalogue);
  const id = await outbox.transactional(web.orm.em.fork(), (em) => sendTest(em, outbox, records, webhook));
  return webhookIdOf(id);
}

export async function changeWebhook(web: TestWeb, { webhook }: TestOrganisation, changes: Partial<Webhook>) {
  await web.orm.em.fork().nativeUpdate(Webhook, webhook.id, changes);
}

/** Basic credentials for the organisation's webhook. */
export async function giveCredentials(web: TestWeb, watched: TestOrganisation, username: string, password: string) {
  const organisationId = watched.organisation.id;
  const em = web.orm.em.fork();
  const authorization = em.create(WebhookAuthorization, { organisationId, name: 'test', kind: 'basic', username });
  await em.flush();
  authorization.passwordEncrypted = encryptSecret(
    web.context.get(Keyring),
    password,
    passwordLocation(organisationId, authorization.id),
  );
  await em.flush();
  await changeWebhook(web, watched, { authorizationId: authorization.id });
}
