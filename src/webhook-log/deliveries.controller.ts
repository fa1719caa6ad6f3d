import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiKeyGuard } from '../accounts/api-key.guard.js';
import { CurrentOrganisation } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { redeliver, type Redelivery } from '../delivery/redeliver.js';
import { webhookIdOf } from '../delivery/webhook-id.js';
import { Outbox } from '../outbox/outbox.js';
import { ApiOperation, ApiSection } from '../web/api-operation.js';
import { parse } from '../web/parse.js';
import { Problem } from '../web/problem.js';
import { deliveriesSection, listDeliveries, redeliverDelivery, showDelivery } from './deliveries.operations.js';
import { DeliveryIdPipe, unknownWebhookId } from './delivery-id.pipe.js';
import { deliveryJson, entryJson } from './delivery-json.js';
import { DeliveryLog } from './delivery-log.js';
import { UNDER_WAY } from './redelivery-words.js';

/** The Webhook Log as JSON. */
@Controller('api/v1/deliveries')
@UseGuards(ApiKeyGuard)
@ApiSection(deliveriesSection)
export class DeliveriesController {
  constructor(
    private readonly log: DeliveryLog,
    private readonly em: EntityManager,
    private readonly outbox: Outbox,
  ) {}

  @Get()
  @ApiOperation(listDeliveries)
  async index(@CurrentOrganisation() organisation: Organisation, @Query() query: unknown) {
    const { filters, limit } = parse(listDeliveries.query, query);
    const found = await this.log.newest(organisation, filters, limit + 1);
    const page = found.slice(0, limit);
    return {
      deliveries: page.map(deliveryJson),
      nextCursor: found.length > limit ? page.at(-1)!.webhookId : null,
    };
  }

  @Get(':webhookId')
  @ApiOperation(showDelivery)
  async show(
    @CurrentOrganisation() organisation: Organisation,
    @Param('webhookId', DeliveryIdPipe) deliveryId: number,
    @Query() query: unknown,
  ) {
    parse(showDelivery.query, query);
    const entry = await this.log.entry(organisation, deliveryId);
    if (!entry) {
      throw unknownWebhookId(webhookIdOf(deliveryId));
    }
    return entryJson(entry);
  }

  @Post(':webhookId/redelivery')
  @HttpCode(202)
  @ApiOperation(redeliverDelivery)
  async redeliver(
    @CurrentOrganisation() organisation: Organisation,
    @Param('webhookId', DeliveryIdPipe) deliveryId: number,
    @Query() query: unknown,
    @Body() body: unknown,
  ) {
    parse(redeliverDelivery.query, query);
    parse(redeliverDelivery.body, body);
    const redelivery = await this.outbox.transactional(this.em, (em) => redeliver(em, organisation.id, deliveryId));
    if (redelivery.kind !== 'due') {
      throw refusalOf(redelivery, deliveryId);
    }
    return { webhookId: webhookIdOf(deliveryId), status: 'due' as const };
  }
}

function refusalOf(redelivery: Exclude<Redelivery, { kind: 'due' }>, deliveryId: number): Problem {
  if (redelivery.kind === 'not_found') {
    return unknownWebhookId(webhookIdOf(deliveryId));
  }
  return redelivery.kind === 'under_way'
    ? new Problem(409, 'call_under_way', UNDER_WAY)
    : new Problem(409, 'webhook_off', redelivery.reason);
}
