import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Param, Post, Query, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { ApiKey } from '../accounts/api-key.entity.js';
import { actOf, audit } from '../accounts/audit.js';
import { createApiKey } from '../accounts/create-api-key.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Roles, RolesGuard } from '../accounts/roles.guard.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { Keyring } from '../config/keyring.js';
import { textField } from '../web/fields.js';
import { asTyped, formErrors } from '../web/form-errors.js';
import { momentIn } from '../web/moment.js';
import { parse } from '../web/parse.js';
import { flash, portalPage } from '../web/portal-page.js';
import { preferencesTabs } from '../web/preferences-tabs.js';
import { notFound, type FieldProblem } from '../web/problem.js';
import { showOnce, takeShownOnce } from '../web/shown-once.js';
import { wholeNumber } from '../web/whole-number.js';

const PATH = '/preferences/api-keys';

const newKeySchema = z.object({
  name: textField(100).refine((name) => name !== '', { error: 'must not be empty: say what the key is for.' }),
});

/** Preferences > API keys. A key is shown on the page after the one that made it, and never again. */
@Controller('preferences/api-keys')
@UseGuards(SignedInGuard, RolesGuard)
@Roles('admin', 'developer')
export class ApiKeysController {
  constructor(
    private readonly em: EntityManager,
    private readonly keyring: Keyring,
  ) {}

  @Get()
  @Render('preferences/api-keys')
  async index(@Req() request: AccountRequest, @Query('made') made: unknown) {
    const { id: organisationId } = request.organisation!;
    const newKey = made === undefined ? null : takeShownOnce(request, this.keyring, newKeyOf(organisationId));
    return { ...(await this.view(request)), newKey };
  }

  @Post()
  async create(
    @CurrentOrganisation() organisation: Organisation,
    @Body() body: unknown,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    try {
      const { name } = parse(newKeySchema, body ?? {});
      const key = await this.em.transactional(async (em) => {
        await audit(em, { ...actOf(request), action: 'api_key.made', target: name });
        return createApiKey(em, organisation.id, name);
      });
      showOnce(request, this.keyring, newKeyOf(organisation.id), key);
      flash(request, 'success', `The API key "${name}" was made.`);
      response.redirect(303, `${PATH}?made`);
    } catch (error) {
      const view = await this.view(request, asTyped(body, ['name']).name, formErrors(error));
      response.status(422).render('preferences/api-keys', view);
    }
  }

  @Post(':id/revocation')
  async revoke(
    @CurrentOrganisation() organisation: Organisation,
    @Param('id') given: string,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const id = wholeNumber(given) ?? 0;
    const name = await this.em.transactional(async (em) => {
      const key = await em.findOne(ApiKey, { id, organisationId: organisation.id, revokedAt: null });
      if (!key) {
        throw notFound('This API key');
      }
      key.revokedAt = new Date();
      await audit(em, { ...actOf(request), action: 'api_key.revoked', target: key.name });
      return key.name;
    });
    flash(request, 'success', `The API key "${name}" was revoked: it opens nothing any more.`);
    response.redirect(303, PATH);
  }

  private async view(request: AccountRequest, name = '', errors: FieldProblem[] = []) {
    const { id: organisationId, timeZone } = request.organisation!;
    const keys = await this.em.find(ApiKey, { organisationId }, { orderBy: { id: 'desc' }, limit: 200 });
    return {
      ...portalPage(request, 'API keys', 'preferences'),
      tabs: preferencesTabs(request.member!.role, 'apiKeys'),
      keys: keys.map((key) => keyView(key, timeZone)),
      name,
      errors,
    };
  }
}

function keyView({ id, name, createdAt, lastUsedAt, revokedAt }: ApiKey, timeZone: string) {
  return {
    id,
    name,
    made: momentIn(timeZone, createdAt),
    lastUsed: momentIn(timeZone, lastUsedAt),
    revoked: momentIn(timeZone, revokedAt),
  };
}

function newKeyOf(organisationId: number) {
  return { organisationId, subject: 'new API key' };
}
