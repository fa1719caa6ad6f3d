import { Body, Controller, Get, Post, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { actOf } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Roles, RolesGuard } from '../accounts/roles.guard.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { Environment } from '../config/environment.js';
import { DatabasePool } from '../database/database-pool.js';
import { livePage } from '../web/live-page.js';
import { flash } from '../web/portal-page.js';
import { knownZone } from '../web/time-zone.js';
import { lastCallsStatement, type ReceivedCallRow } from './keep-call.sql.js';
import { callsView, controlsView, type TypedSetting } from './receiver-page.js';
import { nextAnswerWords, settingSchema } from './receiver-setting.js';
import { ReceiverSettings } from './receiver-settings.js';

/**
 * What the built-in receiver got, and how it answers. Whatever lies below /receiver/ is a call to the receiver
 * itself, so its settings have an address of their own.
 */
@Controller()
@UseGuards(SignedInGuard, RolesGuard)
@Roles('admin', 'developer')
export class ReceiverPageController {
  constructor(
    private readonly database: DatabasePool,
    private readonly environment: Environment,
    private readonly settings: ReceiverSettings,
  ) {}

  @Get('receiver')
  @Render('receiver/index')
  async index(@CurrentOrganisation() organisation: Organisation, @Req() request: AccountRequest) {
    return this.page(request, organisation);
  }

  @Post('receiver-settings')
  async change(
    @CurrentOrganisation() organisation: Organisation,
    @Body() body: TypedSetting | undefined,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const read = settingSchema.safeParse(body ?? {});
    if (!read.success) {
      const errors = read.error.issues.map(({ path, message }) => ({ field: String(path[0]), message }));
      response
        .status(422)
        .render('receiver/index', { ...(await this.page(request, organisation, body ?? {})), errors });
      return;
    }
    await this.settings.change(read.data, actOf(request));
    flash(request, 'success', `Saved: the next call ${nextAnswerWords(read.data)}`);
    response.redirect(303, '/receiver');
  }

  private async page(request: AccountRequest, organisation: Organisation, typed?: TypedSetting) {
    const [calls, setting] = await Promise.all([
      this.database.run<ReceivedCallRow>(lastCallsStatement, [organisation.id]),
      this.settings.of(organisation.id),
    ]);
    return {
      ...livePage(request, 'Receiver', 'receiver'),
      url: `${this.environment.baseUrl}/receiver/${organisation.portalCode}`,
      ...callsView(calls, knownZone(organisation.timeZone)),
      ...controlsView(setting, typed),
    };
  }
}
