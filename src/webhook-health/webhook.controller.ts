import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { actOf, audit } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Roles, RolesGuard } from '../accounts/roles.guard.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { Environment } from '../config/environment.js';
import { Outbox } from '../outbox/outbox.js';
import { livePage } from '../web/live-page.js';
import { momentIn } from '../web/moment.js';
import { flash } from '../web/portal-page.js';
import { notFound, Problem } from '../web/problem.js';
import { wholeNumber } from '../web/whole-number.js';
import { requirePlan } from '../webhooks/require-plan.js';
import { webhookSentence } from '../webhooks/webhook-sentence.js';
import { Webhook } from '../webhooks/webhook.entity.js';
import { webhookPath } from './trouble-words.js';
import { WebhookHealth } from './webhook-health.js';

/** One webhook: what it does, how it is doing, and its switch. The survey webhooks have theirs in Preferences. */
@Controller('webhooks')
@UseGuards(SignedInGuard, RolesGuard)
@Roles('admin', 'developer')
export class WebhookController {
  constructor(
    private readonly em: EntityManager,
    private readonly outbox: Outbox,
    private readonly environment: Environment,
    private readonly health: WebhookHealth,
  ) {}

  @Get(':id')
  async show(
    @CurrentOrganisation() organisation: Organisation,
    @Param('id') id: string,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const webhook = await this.find(organisation, id);
    if (webhook.preset) {
      response.redirect(303, webhookPath(webhook));
      return;
    }
    const { timeZone } = organisation;
    response.render('webhooks/show', {
      ...livePage(request, webhook.name, 'webhookLog'),
      id: webhook.id,
      name: webhook.name,
      enabled: webhook.enabled,
      switchedOffAt: momentIn(timeZone, webhook.switchedOffAt),
      sentence: webhookSentence(webhook, this.environment.surveyRetryWaits),
      health: await this.health.of(webhook, organisation),
      missed: webhook.enabled ? await this.health.missed(webhook, organisation) : null,
    });
  }

  /** `enabled` is `on` or `off`. Off for a webhook that is off already settles why it is. */
  @Post(':id/switch')
  async switch(
    @CurrentOrganisation() organisation: Organisation,
    @Param('id') id: string,
    @Body() body: Record<string, unknown> | undefined,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const { name, preset } = await this.find(organisation, id);
    const enabled = switchIn(body);
    if (enabled) {
      requirePlan(organisation);
    }
    if (preset) {
      throw new Problem(409, 'survey_webhook', 'This webhook is switched in Preferences, Integration.');
    }
    // Through the outbox, because what waited while it was off is due as soon as this is committed.
    await this.outbox.transactional(this.em, async (em) => {
      const webhook = await this.find(organisation, id, em);
      if (enabled && !webhook.request.url) {
        throw new Problem(409, 'no_url', 'The webhook has no URL: there is nowhere to send anything.');
      }
      webhook.switch(enabled);
      await audit(em, {
        ...actOf(request),
        action: enabled ? 'webhook.switched_on' : 'webhook.switched_off',
        target: name,
      });
    });
    flash(request, 'success', `“${name}” is ${enabled ? 'on' : 'off'}.`);
    response.redirect(303, `/webhooks/${id}`);
  }

  private async find({ id: organisationId }: Organisation, id: string, em = this.em): Promise<Webhook> {
    const webhook = await em.findOne(Webhook, { id: wholeNumber(id) ?? 0, organisationId, deletedAt: null });
    if (!webhook) {
      throw notFound(`The webhook ${id}`);
    }
    return webhook;
  }
}

function switchIn(body: Record<string, unknown> | undefined): boolean {
  const enabled = body?.['enabled'];
  if (enabled !== 'on' && enabled !== 'off') {
    throw new Problem(422, 'invalid_field', 'enabled: say on or off.');
  }
  return enabled === 'on';
}
