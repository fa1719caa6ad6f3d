import { EntityManager } from '@mikro-orm/postgresql';
import { Controller, Get, Param, Post, Query, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { actOf, audit } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Roles, RolesGuard } from '../accounts/roles.guard.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { Environment } from '../config/environment.js';
import { redeliver } from '../delivery/redeliver.js';
import { deliveryIdOf, webhookIdOf } from '../delivery/webhook-id.js';
import { Outbox } from '../outbox/outbox.js';
import { flash } from '../web/portal-page.js';
import { notFound } from '../web/problem.js';
import { DeliveryIdPipe, unknownWebhookId } from './delivery-id.pipe.js';
import { DeliveryLog, type DeliveryFilters } from './delivery-log.js';
import { entryView } from './entry-page.js';
import { livePage } from '../web/live-page.js';
import { readLogFilters } from './log-filters.js';
import { logView, type LogPage } from './log-page.js';
import { SENT_AGAIN, UNDER_WAY } from './redelivery-words.js';

const ROWS_A_PAGE = 50;

/** The log of webhook calls, for members. */
@Controller('webhook-log')
@UseGuards(SignedInGuard, RolesGuard)
@Roles('admin', 'developer')
export class WebhookLogController {
  constructor(
    private readonly log: DeliveryLog,
    private readonly environment: Environment,
    private readonly em: EntityManager,
    private readonly outbox: Outbox,
  ) {}

  @Get()
  @Render('webhook-log/index')
  async index(
    @CurrentOrganisation() organisation: Organisation,
    @Query() query: Record<string, unknown>,
    @Req() request: AccountRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    const filters = readLogFilters(query);
    const cursors = { before: cursorFrom(query.before), after: cursorFrom(query.after) };
    if (filters.asked === null) {
      response.status(422);
    }
    const page = filters.asked === null ? NOTHING : await this.page(organisation, filters.asked, cursors);
    return {
      ...livePage(request, 'Webhook Log', 'webhookLog'),
      ...logView(page, filters, await this.log.webhooks(organisation)),
    };
  }

  @Get(':webhookId')
  @Render('webhook-log/show')
  async show(
    @CurrentOrganisation() organisation: Organisation,
    @Param('webhookId', DeliveryIdPipe) deliveryId: number,
    @Req() request: AccountRequest,
  ) {
    const entry = await this.log.entry(organisation, deliveryId);
    const webhookId = webhookIdOf(deliveryId);
    if (!entry) {
      throw unknownWebhookId(webhookId);
    }
    return {
      ...livePage(request, `Webhook ${webhookId}`, 'webhookLog'),
      ...entryView(entry, this.environment),
    };
  }

  /** "Resend Webhook": one more attempt, in any status. */
  @Post(':webhookId/redelivery')
  async redeliver(
    @CurrentOrganisation() organisation: Organisation,
    @Param('webhookId', DeliveryIdPipe) deliveryId: number,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const webhookId = webhookIdOf(deliveryId);
    const redelivery = await this.outbox.transactional(this.em, async (em) => {
      const result = await redeliver(em, organisation.id, deliveryId);
      if (result.kind === 'due') {
        await audit(em, { ...actOf(request), action: 'delivery.resent', target: webhookId });
      }
      return result;
    });
    if (redelivery.kind === 'not_found') {
      throw unknownWebhookId(webhookId);
    }
    if (redelivery.kind === 'due') {
      flash(request, 'success', SENT_AGAIN);
    } else {
      flash(request, 'error', redelivery.kind === 'refused' ? redelivery.reason : UNDER_WAY);
    }
    response.redirect(303, `/webhook-log/${webhookId}`);
  }

  /** Behind a Webhook ID, or the page in front of one; where neither leads anywhere, the newest. */
  private async page(organisation: Organisation, asked: DeliveryFilters, { before, after }: Cursors): Promise<LogPage> {
    if (after !== null) {
      const fromId = Math.max(after + 1, asked.fromId ?? 0);
      const found = await this.log.oldest(organisation, { ...asked, fromId }, ROWS_A_PAGE + 1);
      if (found.length > ROWS_A_PAGE) {
        return { deliveries: found.slice(1), hasNewer: true, hasOlder: true };
      }
    } else if (before !== null) {
      const beforeId = Math.min(before, asked.beforeId ?? before);
      const found = await this.log.newest(organisation, { ...asked, beforeId }, ROWS_A_PAGE + 1);
      if (found.length > 0) {
        return { ...cut(found), hasNewer: true };
      }
    }
    return { ...cut(await this.log.newest(organisation, asked, ROWS_A_PAGE + 1)), hasNewer: false };
  }
}

interface Cursors {
  before: number | null;
  after: number | null;
}

const NOTHING: LogPage = { deliveries: [], hasNewer: false, hasOlder: false };

function cut(found: LogPage['deliveries']): Pick<LogPage, 'deliveries' | 'hasOlder'> {
  return { deliveries: found.slice(0, ROWS_A_PAGE), hasOlder: found.length > ROWS_A_PAGE };
}

/** Null without a cursor; one that is no Webhook ID is no page of the log. */
function cursorFrom(given: unknown): number | null {
  if (given === undefined) {
    return null;
  }
  const id = typeof given === 'string' ? deliveryIdOf(given) : null;
  if (id === null) {
    throw notFound('This page of the log');
  }
  return id;
}
