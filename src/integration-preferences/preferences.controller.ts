import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Req, UseGuards } from '@nestjs/common';
import { ApiKeyGuard } from '../accounts/api-key.guard.js';
import { actOf } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { ApiOperation, ApiSection } from '../web/api-operation.js';
import { parse } from '../web/parse.js';
import { changePreferences, preferencesSection, sendTestDelivery, showPreferences } from './preferences.operations.js';
import { readPreferences } from './survey-webhook-preferences.js';
import { SurveyWebhooks } from './survey-webhooks.js';

/** The survey webhook of each listening post. */
@Controller('api/v1/integration-preferences/:listeningPost')
@UseGuards(ApiKeyGuard)
@ApiSection(preferencesSection)
export class IntegrationPreferencesController {
  constructor(
    private readonly em: EntityManager,
    private readonly webhooks: SurveyWebhooks,
  ) {}

  @Get()
  @ApiOperation(showPreferences)
  async show(
    @CurrentOrganisation() organisation: Organisation,
    @Param('listeningPost') listeningPost: string,
    @Query() query: unknown,
  ) {
    parse(showPreferences.query, query);
    return readPreferences(this.em, await this.webhooks.find(organisation, listeningPost));
  }

  @Put()
  @ApiOperation(changePreferences)
  async update(
    @CurrentOrganisation() organisation: Organisation,
    @Param('listeningPost') listeningPost: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @Req() request: AccountRequest,
  ) {
    parse(changePreferences.query, query);
    const webhook = await this.webhooks.find(organisation, listeningPost);
    const warning = await this.webhooks.change(organisation, webhook, body, actOf(request));
    const preferences = await readPreferences(this.em, webhook);
    return warning === null ? preferences : { ...preferences, warning };
  }

  @Post('test-deliveries')
  @HttpCode(202)
  @ApiOperation(sendTestDelivery)
  async test(
    @CurrentOrganisation() organisation: Organisation,
    @Param('listeningPost') listeningPost: string,
    @Query() query: unknown,
    @Body() body: unknown,
  ) {
    parse(sendTestDelivery.query, query);
    parse(sendTestDelivery.body, body);
    const webhook = await this.webhooks.find(organisation, listeningPost);
    return { webhookId: await this.webhooks.test(organisation, webhook) };
  }
}
