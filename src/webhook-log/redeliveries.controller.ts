import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { ApiKeyGuard } from '../accounts/api-key.guard.js';
import { actOf } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import type { BulkRedelivery } from '../delivery/bulk-redelivery.entity.js';
import { ApiOperation, ApiSection } from '../web/api-operation.js';
import { parse } from '../web/parse.js';
import { notFound } from '../web/problem.js';
import { wholeNumber } from '../web/whole-number.js';
import { surveyWebhook } from '../webhooks/survey-webhook.js';
import { BulkRedeliveries, type WantedAgain } from './bulk-redeliveries.js';
import { createdAtOf, HIGHEST_NUMBER } from './creation-time.js';
import {
  cancelRedelivery,
  listRedeliveries,
  redeliveriesSection,
  showRedelivery,
  startRedelivery,
} from './redeliveries.operations.js';
import type { BulkRedeliveryAnswer } from './redeliveries.schema.js';

/** Many deliveries sent again, as JSON. */
@Controller('api/v1/redeliveries')
@UseGuards(ApiKeyGuard)
@ApiSection(redeliveriesSection)
export class RedeliveriesController {
  constructor(
    private readonly em: EntityManager,
    private readonly redeliveries: BulkRedeliveries,
  ) {}

  @Post()
  @ApiOperation(startRedelivery)
  async start(
    @CurrentOrganisation() organisation: Organisation,
    @Query() query: unknown,
    @Body() body: unknown,
    @Req() request: AccountRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    parse(startRedelivery.query, query);
    const { perSecond, dryRun, listeningPost, ...given } = parse(startRedelivery.body, body);
    const webhook = listeningPost ? await surveyWebhook(this.em, organisation.id, listeningPost) : null;
    const wanted: WantedAgain = { ...given, webhook };
    response.status(dryRun ? 200 : 202);
    if (dryRun) {
      return { found: await this.redeliveries.count(organisation, wanted), redelivery: null };
    }
    const bulk = await this.redeliveries.start(organisation, wanted, perSecond, actOf(request));
    return { found: bulk.found, redelivery: bulkJson(bulk) };
  }

  @Get()
  @ApiOperation(listRedeliveries)
  async index(@CurrentOrganisation() organisation: Organisation, @Query() query: unknown) {
    parse(listRedeliveries.query, query);
    return { redeliveries: (await this.redeliveries.newest(organisation)).map(bulkJson) };
  }

  @Get(':id')
  @ApiOperation(showRedelivery)
  async show(@CurrentOrganisation() organisation: Organisation, @Param('id') id: string, @Query() query: unknown) {
    parse(showRedelivery.query, query);
    return bulkJson(known(await this.redeliveries.find(organisation, wholeNumber(id) ?? 0), id));
  }

  @Post(':id/cancellation')
  @HttpCode(200)
  @ApiOperation(cancelRedelivery)
  async cancel(
    @CurrentOrganisation() organisation: Organisation,
    @Param('id') id: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @Req() request: AccountRequest,
  ) {
    parse(cancelRedelivery.query, query);
    parse(cancelRedelivery.body, body);
    return bulkJson(known(await this.redeliveries.cancel(organisation, wholeNumber(id) ?? 0, actOf(request)), id));
  }
}

function known(bulk: BulkRedelivery | null, id: string): BulkRedelivery {
  if (!bulk) {
    throw notFound(`The bulk redelivery ${id}`);
  }
  return bulk;
}

function bulkJson(bulk: BulkRedelivery): BulkRedeliveryAnswer {
  const { id, kind, perSecond, found, redelivered, skipped, status } = bulk;
  return {
    id,
    kind,
    from: bulk.fromId === 0 ? null : createdAtOf(bulk.fromId).toISOString(),
    to: bulk.beforeId === HIGHEST_NUMBER ? null : createdAtOf(bulk.beforeId).toISOString(),
    perSecond,
    found,
    redelivered,
    skipped,
    status,
    requestedBy: bulk.requestedBy ?? null,
    createdAt: bulk.createdAt.toISOString(),
    endedAt: bulk.endedAt?.toISOString() ?? null,
  };
}
