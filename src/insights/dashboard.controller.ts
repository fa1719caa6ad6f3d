import { Controller, Get, Render, Req, UseGuards } from '@nestjs/common';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { Panels } from '../web/panels.js';
import { portalPage } from '../web/portal-page.js';
import { knownZone } from '../web/time-zone.js';
import { DailyScores } from './daily-scores.js';
import { dashboardView } from './dashboard-page.js';

/** How we are doing and what they said: the first page after signing in. */
@Controller('dashboard')
@UseGuards(SignedInGuard)
export class DashboardController {
  constructor(
    private readonly scores: DailyScores,
    private readonly panels: Panels,
  ) {}

  @Get()
  @Render('dashboard/index')
  async show(@CurrentOrganisation() organisation: Organisation, @Req() request: AccountRequest) {
    const timeZone = knownZone(organisation.timeZone);
    const [days, comments, trouble] = await Promise.all([
      this.scores.lastDays(organisation.id, timeZone),
      this.scores.latestComments(organisation.id),
      this.panels.show('deliveries in trouble', request),
    ]);
    return {
      ...portalPage(request, 'Dashboard', 'dashboard'),
      ...dashboardView(days, comments, timeZone),
      trouble,
    };
  }
}
