import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Keyring } from '../config/keyring.js';
import { encryptSecret } from '../database/encryption.js';
import type { GuardedClient } from '../outbound/guarded-client.js';
import { invalidField } from '../web/problem.js';
import { passwordLocation } from '../webhooks/secret-locations.js';
import { surveySerialisations } from '../webhooks/survey-webhook.js';
import { Webhook, WebhookAuthorization } from '../webhooks/webhook.entity.js';
import type { PreferencesChange } from './preferences.schema.js';

/** What Preferences show of the survey webhook; the password never comes back. */
export interface SurveyWebhookPreferences {
  enabled: boolean;
  url: string | null;
  username: string | null;
  hasPassword: boolean;
  serviceNowWrapper: boolean;
}

export async function readPreferences(em: EntityManager, webhook: Webhook): Promise<SurveyWebhookPreferences> {
  const authorization = await authorizationOf(em, webhook);
  return {
    enabled: webhook.enabled,
    url: webhook.request.url,
    username: authorization?.username || null,
    hasPassword: (authorization?.passwordEncrypted ?? null) !== null,
    serviceNowWrapper: webhook.request.body.name === surveySerialisations.serviceNow,
  };
}

/**
 * Whether the URL may be called, asked before it is saved so that the person hears of it at once; each
 * call asks again. Answers its canonical form, and a warning when its name cannot be resolved now.
 * @throws Problem 422 with the reason when the guard refuses it.
 */
export async function checkUrl(client: GuardedClient, url: string): Promise<{ url: string; warning: string | null }> {
  const check = await client.checkUrl(url);
  if (check.kind === 'refused') {
    throw invalidField('url', `url: ${check.reason}`);
  }
  return { url: new URL(url).href, warning: check.kind === 'unresolvable' ? check.reason : null };
}

/**
 * Changes what the change names; run it in a transaction. `url` comes from checkUrl.
 * @throws Problem 422 for a URL elsewhere that would get the saved password
 */
export async function changePreferences(
  em: EntityManager,
  keyring: Keyring,
  webhook: Webhook,
  change: PreferencesChange,
): Promise<void> {
  await em.refresh(webhook, { lockMode: LockMode.PESSIMISTIC_WRITE });
  const { enabled = webhook.enabled, url = webhook.request.url } = change;
  if (enabled && !url) {
    throw invalidField('url', 'url: enter the URL to call before switching the webhook on.');
  }
  await keepPasswordWhereItBelongs(em, webhook, url, change);
  if (enabled !== webhook.enabled) {
    webhook.switch(enabled);
  }
  webhook.request = { ...webhook.request, url: url || null, body: bodyOf(webhook, change) };
  await changeCredentials(em, keyring, webhook, change);
  await em.flush();
}

/**
 * A saved password goes only to where it was entered for. Otherwise whoever may edit a webhook, or holds an API key,
 * could read the password that no page shows: they would have it sent to a server of their own.
 */
async function keepPasswordWhereItBelongs(
  em: EntityManager,
  webhook: Webhook,
  url: string | null,
  { password }: PreferencesChange,
): Promise<void> {
  if (!url || password !== undefined || originOf(url) === originOf(webhook.request.url)) {
    return;
  }
  if (((await authorizationOf(em, webhook))?.passwordEncrypted ?? null) !== null) {
    throw invalidField(
      'password',
      'password: enter it again, or clear it. The URL leads to another host than the saved password was entered for.',
    );
  }
}

function originOf(url: string | null): string | null {
  return url === null ? null : (URL.parse(url)?.origin ?? null);
}

function bodyOf(webhook: Webhook, { serviceNowWrapper }: PreferencesChange): Webhook['request']['body'] {
  if (serviceNowWrapper === undefined) {
    return webhook.request.body;
  }
  return {
    kind: 'serialisation',
    name: serviceNowWrapper ? surveySerialisations.serviceNow : surveySerialisations.plain,
  };
}

async function changeCredentials(
  em: EntityManager,
  keyring: Keyring,
  webhook: Webhook,
  { username, password }: PreferencesChange,
): Promise<void> {
  if (username === undefined && password === undefined) {
    return;
  }
  const authorization = (await authorizationOf(em, webhook)) ?? (await createAuthorization(em, webhook));
  if (username !== undefined) {
    authorization.username = username ?? '';
  }
  if (password !== undefined) {
    const location = passwordLocation(webhook.organisationId, authorization.id);
    authorization.passwordEncrypted = password ? encryptSecret(keyring, password, location) : null;
  }
}

/** Written before it is filled, because its id is part of what the password is bound to. */
async function createAuthorization(em: EntityManager, webhook: Webhook): Promise<WebhookAuthorization> {
  const authorization = em.create(WebhookAuthorization, {
    organisationId: webhook.organisationId,
    name: webhook.name,
    kind: 'basic',
    username: '',
  });
  await em.flush();
  webhook.authorizationId = authorization.id;
  return authorization;
}

async function authorizationOf(em: EntityManager, webhook: Webhook): Promise<WebhookAuthorization | null> {
  const { authorizationId: id, organisationId } = webhook;
  return id ? em.findOne(WebhookAuthorization, { id, organisationId }) : null;
}
