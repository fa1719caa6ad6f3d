import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Environment } from '../config/environment.js';
import { Keyring } from '../config/keyring.js';
import { DatabasePool } from '../database/database-pool.js';
import { deliveryIdOf } from '../delivery/webhook-id.js';
import { livePage } from '../web/live-page.js';
import { momentIn } from '../web/moment.js';
import { preferencesTabs } from '../web/preferences-tabs.js';
import type { FieldProblem } from '../web/problem.js';
import { takeShownOnce, type ShownOnce } from '../web/shown-once.js';
import { WebhookHealth } from '../webhook-health/webhook-health.js';
import { currentSecrets } from '../webhooks/signing-secrets.js';
import { webhookSentence } from '../webhooks/webhook-sentence.js';
import type { SigningSecret, Webhook } from '../webhooks/webhook.entity.js';
import type { TypedIntegration } from './integration-form.js';
import { readPreferences } from './survey-webhook-preferences.js';
import { listeningPosts, SurveyWebhooks } from './survey-webhooks.js';
import { testDeliveryStatement, type TestDeliveryRow } from './test-delivery.sql.js';
import { testView } from './test-view.js';

/** What the page shows beside the settings themselves. */
export interface IntegrationRequest {
  test?: unknown;
  rotated?: unknown;
  /** A form that could not be saved, to be shown again as it was typed. */
  form?: { listeningPost: string; typed: TypedIntegration; errors: FieldProblem[] };
}

const titles = { transactional: 'Transactional', relationship: 'Relationship' } as const;

/** Gathers what views/preferences/integration.hbs shows. */
@Injectable()
export class IntegrationPage {
  constructor(
    private readonly em: EntityManager,
    private readonly database: DatabasePool,
    private readonly environment: Environment,
    private readonly keyring: Keyring,
    private readonly webhooks: SurveyWebhooks,
    private readonly health: WebhookHealth,
  ) {}

  async view(request: AccountRequest, asked: IntegrationRequest) {
    const organisation = request.organisation!;
    const posts = [];
    for (const listeningPost of listeningPosts) {
      posts.push(await this.postView(request, organisation, listeningPost, asked));
    }
    return {
      ...livePage(request, 'Integration', 'preferences'),
      tabs: preferencesTabs(request.member!.role, 'integration'),
      mayUseWebhooks: organisation.mayUseWebhooks(),
      test: await this.testView(organisation, asked.test),
      posts,
    };
  }

  private async postView(
    request: AccountRequest,
    organisation: Organisation,
    listeningPost: (typeof listeningPosts)[number],
    { rotated, form }: IntegrationRequest,
  ) {
    const webhook = await this.webhooks.find(organisation, listeningPost);
    const saved = await readPreferences(this.em, webhook);
    const own = form?.listeningPost === listeningPost ? form : null;
    return {
      id: listeningPost,
      title: titles[listeningPost],
      notCollecting: listeningPost === 'relationship',
      mayUseWebhooks: organisation.mayUseWebhooks(),
      enabled: saved.enabled,
      hasUrl: saved.url !== null,
      hasPassword: saved.hasPassword,
      fields: own?.typed ?? { ...saved, url: saved.url ?? '', username: saved.username ?? '' },
      errors: own?.errors ?? [],
      sentence: webhookSentence(webhook, this.environment.surveyRetryWaits),
      health: await this.health.of(webhook, organisation),
      missed: saved.enabled ? await this.health.missed(webhook, organisation) : null,
      secrets: (await currentSecrets(this.em, webhook)).map((secret) => secretView(secret, organisation.timeZone)),
      newSecret: rotated === listeningPost ? takeShownOnce(request, this.keyring, secretOf(webhook)) : null,
    };
  }

  private async testView(organisation: Organisation, test: unknown) {
    const id = typeof test === 'string' ? deliveryIdOf(test) : null;
    if (id === null) {
      return null;
    }
    const [row] = await this.database.run<TestDeliveryRow>(testDeliveryStatement, [organisation.id, id]);
    return row ? testView(row, organisation.timeZone) : null;
  }
}

/** How a webhook's new signing secret is kept until its page shows it. */
export function secretOf({ id, organisationId }: Webhook): ShownOnce {
  return { organisationId, subject: `signing secret of webhook ${id}` };
}

function secretView({ id, createdAt, expiresAt }: SigningSecret, timeZone: string) {
  return { id, made: momentIn(timeZone, createdAt), ends: momentIn(timeZone, expiresAt) };
}
