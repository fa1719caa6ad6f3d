import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiKeyGuard } from '../accounts/api-key.guard.js';
import { CurrentOrganisation } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { redeliver, type Redelivery } from '../delivery/redeliver.js';
import { webhookIdOf } from '../delivery/webhook-id.js';
import { Outbox } from '../outbox/outbox.js';
import { parse } from '../web/parse.js';
import { Problem } from '../web/problem.js';
import { deliveriesQuerySchema, nothingSchema } from './deliveries.schema.js';
import { DeliveryIdPipe, unknownWebhookId } from './delivery-id.pipe.js';
import { deliveryJson, entryJson } from './delivery-json.js';
import { DeliveryLog } from './delivery-log.js';
import { UNDER_WAY } from './redelivery-words.js';

/** The Webhook Log as JSON. */
@Controller('api/v1/deliveries')
@UseGuards(ApiKeyGuard)
export class DeliveriesController {
  constructor(
    private readonly log: DeliveryLog,
    private readonly em: EntityManager,
    private readonly outbox: Outbox,
  ) {}

  /** Newest first, by creation. */
  @Get()
  async index(@CurrentOrganisation() organisation: Organisation, @Query() query: unknown) {
    const { filters, limit } = parse(deliveriesQuerySchema, query);
    const found = await this.log.newest(organisation, filters, limit + 1);
    const page = found.slice(0, limit);
    return {
      deliveries: page.map(deliveryJson),
      nextCursor: found.length > limit ? page.at(-1)!.webhookId : null,
    };
  }

  @Get(':webhookId')
  async show(
    @CurrentOrganisation() organisation: Organisation,
    @Param('webhookId', DeliveryIdPipe) deliveryId: number,
    @Query() query: unknown,
  ) {
    parse(nothingSchema, query);
    const entry = await this.log.entry(organisation, deliveryId);
    if (!entry) {
      throw unknownWebhookId(webhookIdOf(deliveryId));
    }
    return entryJson(entry);
  }

  /** Makes one more attempt at once, in any status, with the same Webhook ID and payload. */
  @Post(':webhookId/redelivery')
  @HttpCode(202)
  async redeliver(
    @CurrentOrganisation() organisation: Organisation,
    @Param('webhookId', DeliveryIdPipe) deliveryId: number,
    @Query() query: unknown,
    @Body() body: unknown,
  ) {
    parse(nothingSchema, query);
    parse(nothingSchema, body);
    const redelivery = await this.outbox.transactional(this.em, (em) => redeliver(em, organisation.id, deliveryId));
    if (redelivery.kind !== 'due') {
      throw refusalOf(redelivery, deliveryId);
    }
    return { webhookId: webhookIdOf(deliveryId), status: 'due' };
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
