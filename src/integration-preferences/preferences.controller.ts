import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Req, UseGuards } from '@nestjs/common';
import { ApiKeyGuard } from '../accounts/api-key.guard.js';
import { actOf } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { nothing, parse } from '../web/parse.js';
import { readPreferences } from './survey-webhook-preferences.js';
import { SurveyWebhooks } from './survey-webhooks.js';

/** The survey webhook of each listening post. */
@Controller('api/v1/integration-preferences/:listeningPost')
@UseGuards(ApiKeyGuard)
export class IntegrationPreferencesController {
  constructor(
    private readonly em: EntityManager,
    private readonly webhooks: SurveyWebhooks,
  ) {}

  @Get()
  async show(
    @CurrentOrganisation() organisation: Organisation,
    @Param('listeningPost') listeningPost: string,
    @Query() query: unknown,
  ) {
    parse(nothing, query);
    return readPreferences(this.em, await this.webhooks.find(organisation, listeningPost));
  }

  @Put()
  async update(
    @CurrentOrganisation() organisation: Organisation,
    @Param('listeningPost') listeningPost: string,
    @Body() body: unknown,
    @Req() request: AccountRequest,
  ) {
    const webhook = await this.webhooks.find(organisation, listeningPost);
    const warning = await this.webhooks.change(organisation, webhook, body, actOf(request));
    const preferences = await readPreferences(this.em, webhook);
    return warning === null ? preferences : { ...preferences, warning };
  }

  /** Sends a sample payload to the URL as it is saved, through the log; also while the webhook is off. */
  @Post('test-deliveries')
  @HttpCode(202)
  async test(
    @CurrentOrganisation() organisation: Organisation,
    @Param('listeningPost') listeningPost: string,
    @Body() body: unknown,
  ) {
    parse(nothing, body);
    const webhook = await this.webhooks.find(organisation, listeningPost);
    return { webhookId: await this.webhooks.test(organisation, webhook) };
  }
}
