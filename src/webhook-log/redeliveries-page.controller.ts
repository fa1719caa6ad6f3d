import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Param, Post, Query, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { actOf } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Roles, RolesGuard } from '../accounts/roles.guard.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { plural } from '../web/view-helpers.js';
import { livePage } from '../web/live-page.js';
import { flash } from '../web/portal-page.js';
import { notFound, Problem } from '../web/problem.js';
import { wholeNumber } from '../web/whole-number.js';
import { BulkRedeliveries } from './bulk-redeliveries.js';
import { DeliveryLog } from './delivery-log.js';
import { redeliveriesView } from './redeliveries-page.js';
import { readWantedForm, type WantedForm } from './wanted-form.js';

const PATH = '/redeliveries';

/** Sends many deliveries again: first it tells how many, then it sends them. */
@Controller('redeliveries')
@UseGuards(SignedInGuard, RolesGuard)
@Roles('admin', 'developer')
export class RedeliveriesPageController {
  constructor(
    private readonly em: EntityManager,
    private readonly redeliveries: BulkRedeliveries,
    private readonly log: DeliveryLog,
  ) {}

  /** With a form in its address, the page counts what would be sent; it sends nothing. */
  @Get()
  @Render('redeliveries/index')
  async index(
    @CurrentOrganisation() organisation: Organisation,
    @Query() query: Record<string, unknown>,
    @Req() request: AccountRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    const form = await readWantedForm(this.em, organisation, query);
    if (form.errors.length > 0) {
      response.status(422);
    }
    return this.view(request, organisation, form);
  }

  @Post()
  async start(
    @CurrentOrganisation() organisation: Organisation,
    @Body() body: Record<string, unknown> | undefined,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const form = await readWantedForm(this.em, organisation, body ?? {});
    if (form.wanted === null) {
      response.status(422).render('redeliveries/index', await this.view(request, organisation, form));
      return;
    }
    try {
      const { found } = await this.redeliveries.start(organisation, form.wanted, form.wanted.perSecond, actOf(request));
      flash(request, 'success', `${plural(found, 'delivery is', 'deliveries are')} being made.`);
    } catch (error) {
      if (!(error instanceof Problem) || error.getStatus() !== 409) {
        throw error;
      }
      flash(request, 'error', error.message);
    }
    response.redirect(303, PATH);
  }

  @Post(':id/cancellation')
  async cancel(
    @CurrentOrganisation() organisation: Organisation,
    @Param('id') id: string,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const bulk = await this.redeliveries.cancel(organisation, wholeNumber(id) ?? 0, actOf(request));
    if (!bulk) {
      throw notFound(`The bulk redelivery ${id}`);
    }
    flash(
      request,
      'success',
      bulk.status === 'done' ? 'It was done already.' : 'Cancelled. What was due already goes on.',
    );
    response.redirect(303, PATH);
  }

  private async view(request: AccountRequest, organisation: Organisation, form: WantedForm) {
    const found = form.wanted === null ? null : await this.redeliveries.count(organisation, form.wanted);
    const bulks = await this.redeliveries.newest(organisation);
    const webhooks = await this.log.webhooks(organisation);
    return {
      ...livePage(request, 'Resend many', 'webhookLog'),
      ...redeliveriesView(form, found, bulks, webhooks, organisation.timeZone),
    };
  }
}
