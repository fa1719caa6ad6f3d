import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { audit, type Actor } from '../accounts/audit.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Keyring } from '../config/keyring.js';
import { sendTest } from '../delivery/send-test.js';
import { webhookIdOf } from '../delivery/webhook-id.js';
import { GuardedClient } from '../outbound/guarded-client.js';
import { Outbox } from '../outbox/outbox.js';
import { RecordCatalogue } from '../records/record-catalogue.js';
import { parse } from '../web/parse.js';
import { notFound, Problem } from '../web/problem.js';
import { requirePlan } from '../webhooks/require-plan.js';
import { endSigningSecret, rotateSigningSecret } from '../webhooks/signing-secrets.js';
import { surveyWebhook, type ListeningPost } from '../webhooks/survey-webhook.js';
import type { Webhook } from '../webhooks/webhook.entity.js';
import { preferencesSchema, type PreferencesChange } from './preferences.schema.js';
import { changePreferences, checkUrl } from './survey-webhook-preferences.js';

export const listeningPosts = ['transactional', 'relationship'] as const;

export const NO_URL = 'Save a URL first: there is nowhere to send a test.';

/** What can be done to an organisation's survey webhooks, for the page and the API alike. */
@Injectable()
export class SurveyWebhooks {
  constructor(
    private readonly em: EntityManager,
    private readonly keyring: Keyring,
    private readonly client: GuardedClient,
    private readonly outbox: Outbox,
    private readonly records: RecordCatalogue,
  ) {}

  async find(organisation: Organisation, listeningPost: string): Promise<Webhook> {
    if (!isListeningPost(listeningPost)) {
      throw notFound(`A listening post "${listeningPost}"`);
    }
    return surveyWebhook(this.em, organisation.id, listeningPost);
  }

  /**
   * Saves what the input names. Answers a warning when the URL's name cannot be resolved now, else null.
   * @throws Problem 422 naming the field that is wrong; 403 on a plan without webhooks
   */
  async change(organisation: Organisation, webhook: Webhook, input: unknown, actor: Actor): Promise<string | null> {
    requirePlan(organisation);
    const { change, warning } = await this.checked(parse(preferencesSchema, input));
    // Through the outbox, because what waited while the webhook was off is due as soon as this is committed.
    await this.outbox.transactional(this.em, async (em) => {
      await changePreferences(em, this.keyring, webhook, change);
      await audit(em, { ...actor, action: 'webhook.changed', target: webhook.name, details: detailsOf(change) });
    });
    return warning;
  }

  /** Sends a sample payload to the URL as it is saved, through the log; also while the webhook is off. */
  async test(organisation: Organisation, webhook: Webhook): Promise<string> {
    requirePlan(organisation);
    if (!webhook.request.url) {
      throw new Problem(409, 'no_url', NO_URL);
    }
    const deliveryId = await this.outbox.transactional(this.em, (em) =>
      sendTest(em, this.outbox, this.records, webhook),
    );
    return webhookIdOf(deliveryId);
  }

  /** Answers the new secret, which can never be seen again. */
  async rotateSecret(organisation: Organisation, webhook: Webhook, actor: Actor): Promise<string> {
    requirePlan(organisation);
    return this.em.transactional(async (em) => {
      await audit(em, { ...actor, action: 'webhook.signing_secret_rotated', target: webhook.name });
      return rotateSigningSecret(em, this.keyring, webhook);
    });
  }

  /** Answers false when there is no replaced secret of this number that still signs. */
  async endSecret(organisation: Organisation, webhook: Webhook, secretId: number, actor: Actor): Promise<boolean> {
    requirePlan(organisation);
    return this.em.transactional(async (em) => {
      const isEnded = await endSigningSecret(em, webhook, secretId);
      if (isEnded) {
        await audit(em, { ...actor, action: 'webhook.signing_secret_ended', target: webhook.name });
      }
      return isEnded;
    });
  }

  private async checked(change: PreferencesChange): Promise<{ change: PreferencesChange; warning: string | null }> {
    if (!change.url) {
      return { change, warning: null };
    }
    const { url, warning } = await checkUrl(this.client, change.url);
    return { change: { ...change, url }, warning };
  }
}

/** What was set, never a secret: of the password only that it was replaced or cleared, of the URL only its host. */
function detailsOf({ enabled, url, username, password, serviceNowWrapper }: PreferencesChange) {
  return {
    enabled,
    host: url ? URL.parse(url)?.host : url,
    username,
    credentials: password === undefined ? 'kept' : password ? 'replaced' : 'cleared',
    serviceNowWrapper,
  };
}

function isListeningPost(text: string): text is ListeningPost {
  return listeningPosts.some((known) => known === text);
}
