import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, HttpCode, Param, Post, Put, UseGuards } from '@nestjs/common';
import { ApiKeyGuard } from '../accounts/api-key.guard.js';
import { CurrentOrganisation } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Keyring } from '../config/keyring.js';
import { sendTest } from '../delivery/send-test.js';
import { webhookIdOf } from '../delivery/webhook-id.js';
import { GuardedClient } from '../outbound/guarded-client.js';
import { Outbox } from '../outbox/outbox.js';
import { RecordCatalogue } from '../records/record-catalogue.js';
import { parse } from '../web/parse.js';
import { notFound, Problem } from '../web/problem.js';
import { surveyWebhook, type ListeningPost } from '../webhooks/survey-webhook.js';
import type { Webhook } from '../webhooks/webhook.entity.js';
import { preferencesSchema, type PreferencesChange } from './preferences.schema.js';
import { changePreferences, checkUrl, readPreferences } from './survey-webhook-preferences.js';

const listeningPosts = ['transactional', 'relationship'] as const;

/** The survey webhook of each listening post. */
@Controller('api/v1/integration-preferences/:listeningPost')
@UseGuards(ApiKeyGuard)
export class IntegrationPreferencesController {
  constructor(
    private readonly em: EntityManager,
    private readonly keyring: Keyring,
    private readonly client: GuardedClient,
    private readonly outbox: Outbox,
    private readonly records: RecordCatalogue,
  ) {}

  @Get()
  async show(@CurrentOrganisation() organisation: Organisation, @Param('listeningPost') listeningPost: string) {
    return readPreferences(this.em, await this.find(organisation, listeningPost));
  }

  @Put()
  async update(
    @CurrentOrganisation() organisation: Organisation,
    @Param('listeningPost') listeningPost: string,
    @Body() body: unknown,
  ) {
    const webhook = await this.find(organisation, listeningPost);
    requirePlan(organisation);
    const { change, warning } = await this.checked(parse(preferencesSchema, body));
    // Through the outbox, because what waited while the webhook was off is due as soon as this is committed.
    await this.outbox.transactional(this.em, (em) => changePreferences(em, this.keyring, webhook, change));
    const preferences = await readPreferences(this.em, webhook);
    return warning === null ? preferences : { ...preferences, warning };
  }

  /** Sends a sample payload to the URL as it is saved, through the log; also while the webhook is off. */
  @Post('test-deliveries')
  @HttpCode(202)
  async test(@CurrentOrganisation() organisation: Organisation, @Param('listeningPost') listeningPost: string) {
    const webhook = await this.find(organisation, listeningPost);
    requirePlan(organisation);
    if (!webhook.request.url) {
      throw new Problem(409, 'no_url', 'Save a URL first: there is nowhere to send a test.');
    }
    const deliveryId = await this.outbox.transactional(this.em, (em) =>
      sendTest(em, this.outbox, this.records, webhook),
    );
    return { webhookId: webhookIdOf(deliveryId) };
  }

  private async find(organisation: Organisation, listeningPost: string): Promise<Webhook> {
    if (!isListeningPost(listeningPost)) {
      throw notFound(`A listening post "${listeningPost}"`);
    }
    return surveyWebhook(this.em, organisation.id, listeningPost);
  }

  private async checked(change: PreferencesChange): Promise<{ change: PreferencesChange; warning: string | null }> {
    if (!change.url) {
      return { change, warning: null };
    }
    const { url, warning } = await checkUrl(this.client, change.url);
    return { change: { ...change, url }, warning };
  }
}

function isListeningPost(text: string): text is ListeningPost {
  return listeningPosts.some((known) => known === text);
}

function requirePlan(organisation: Organisation): void {
  if (!organisation.mayUseWebhooks()) {
    throw new Problem(
      403,
      'plan_without_webhooks',
      'The Basic plan has no webhooks: the Corporate or the Enterprise plan is needed.',
    );
  }
}
