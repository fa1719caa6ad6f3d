import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Post, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { actOf, audit } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import { Organisation } from '../accounts/organisation.entity.js';
import { Roles, RolesGuard } from '../accounts/roles.guard.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { Environment } from '../config/environment.js';
import { textField } from '../web/fields.js';
import { asTyped, formErrors } from '../web/form-errors.js';
import { parse } from '../web/parse.js';
import { flash, portalPage } from '../web/portal-page.js';
import { preferencesTabs } from '../web/preferences-tabs.js';
import type { FieldProblem } from '../web/problem.js';
import { isKnownTimeZone, timeZonesByRegion } from './time-zones.js';

const generalSchema = z.object({
  name: textField(100).refine((name) => name !== '', { error: 'must not be empty.' }),
  timeZone: z.string().refine(isKnownTimeZone, { error: 'must be one of the list.' }),
});

const plans = { basic: 'Basic', corporate: 'Corporate', enterprise: 'Enterprise' } as const;

/** Preferences > General: everybody reads, admins change. */
@Controller('preferences/general')
@UseGuards(SignedInGuard, RolesGuard)
export class GeneralController {
  constructor(
    private readonly em: EntityManager,
    private readonly environment: Environment,
  ) {}

  @Get()
  @Render('preferences/general')
  show(@CurrentOrganisation() { name, timeZone }: Organisation, @Req() request: AccountRequest) {
    return this.view(request, { name, timeZone });
  }

  @Post()
  @Roles('admin')
  async update(
    @CurrentOrganisation() organisation: Organisation,
    @Body() body: unknown,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    try {
      const change = parse(generalSchema, body ?? {});
      await this.em.transactional(async (em) => {
        await em.nativeUpdate(Organisation, organisation.id, change);
        await audit(em, { ...actOf(request), action: 'organisation.changed', details: change });
      });
    } catch (error) {
      const typed = asTyped(body, ['name', 'timeZone']);
      response.status(422).render('preferences/general', this.view(request, typed, formErrors(error)));
      return;
    }
    flash(request, 'success', 'Saved.');
    response.redirect(303, '/preferences/general');
  }

  private view(request: AccountRequest, fields: { name: string; timeZone: string }, errors: FieldProblem[] = []) {
    const { portalCode, plan, timeZone } = request.organisation!;
    const { role } = request.member!;
    return {
      ...portalPage(request, 'General', 'preferences'),
      tabs: preferencesTabs(role, 'general'),
      mayEdit: role === 'admin',
      fields,
      errors,
      regions: timeZonesByRegion(fields.timeZone),
      savedTimeZone: timeZone,
      portalCode,
      plan: plans[plan],
      planCommand: `npm run plan -- ${portalCode} enterprise`,
      baseUrl: this.environment.baseUrl,
    };
  }
}
