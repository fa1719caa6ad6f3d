import { Body, Controller, Get, Param, Post, Query, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { actOf } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Roles, RolesGuard } from '../accounts/roles.guard.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { Keyring } from '../config/keyring.js';
import { formErrors } from '../web/form-errors.js';
import { flash } from '../web/portal-page.js';
import { notFound, Problem } from '../web/problem.js';
import { showOnce } from '../web/shown-once.js';
import { wholeNumber } from '../web/whole-number.js';
import { OVERLAP_HOURS } from '../webhooks/signing-secrets.js';
import { changeFrom, typedIn } from './integration-form.js';
import { IntegrationPage, secretOf } from './integration-page.js';
import { SurveyWebhooks } from './survey-webhooks.js';

const PATH = '/preferences/integration';

/** Preferences > Integration: is it on, does it work, since when not? */
@Controller('preferences/integration')
@UseGuards(SignedInGuard, RolesGuard)
@Roles('admin', 'developer')
export class IntegrationController {
  constructor(
    private readonly webhooks: SurveyWebhooks,
    private readonly page: IntegrationPage,
    private readonly keyring: Keyring,
  ) {}

  /** `test` is the Webhook ID of a test whose outcome is shown, `rotated` the listening post of a new secret. */
  @Get()
  @Render('preferences/integration')
  async show(@Req() request: AccountRequest, @Query('test') test: unknown, @Query('rotated') rotated: unknown) {
    return this.page.view(request, { test, rotated });
  }

  @Post(':listeningPost')
  async update(
    @CurrentOrganisation() organisation: Organisation,
    @Param('listeningPost') listeningPost: string,
    @Body() body: unknown,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const webhook = await this.webhooks.find(organisation, listeningPost);
    try {
      const warning = await this.webhooks.change(organisation, webhook, changeFrom(body), actOf(request));
      flash(request, 'success', savedWords(webhook.enabled, webhook.request.url, warning));
      response.redirect(303, PATH);
    } catch (error) {
      const form = { listeningPost, typed: typedIn(body), errors: formErrors(error) };
      response.status(422).render('preferences/integration', await this.page.view(request, { form }));
    }
  }

  /** Goes through the log like every delivery, also while the webhook is off; the page then shows what came of it. */
  @Post(':listeningPost/test-deliveries')
  async test(
    @CurrentOrganisation() organisation: Organisation,
    @Param('listeningPost') listeningPost: string,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const webhook = await this.webhooks.find(organisation, listeningPost);
    try {
      response.redirect(303, `${PATH}?test=${await this.webhooks.test(organisation, webhook)}#test`);
    } catch (error) {
      refuse(error, request, response);
    }
  }

  @Post(':listeningPost/signing-secrets')
  async rotateSecret(
    @CurrentOrganisation() organisation: Organisation,
    @Param('listeningPost') listeningPost: string,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const webhook = await this.webhooks.find(organisation, listeningPost);
    try {
      const secret = await this.webhooks.rotateSecret(organisation, webhook, actOf(request));
      showOnce(request, this.keyring, secretOf(webhook), secret);
      flash(request, 'success', `A new signing secret was made. Older ones sign for ${OVERLAP_HOURS} more hours.`);
      response.redirect(303, `${PATH}?rotated=${listeningPost}#${listeningPost}-secrets`);
    } catch (error) {
      refuse(error, request, response);
    }
  }

  /** For a secret that leaked: it signs no longer. */
  @Post(':listeningPost/signing-secrets/:id/end')
  async endSecret(
    @CurrentOrganisation() organisation: Organisation,
    @Param('listeningPost') listeningPost: string,
    @Param('id') id: string,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const webhook = await this.webhooks.find(organisation, listeningPost);
    const secretId = wholeNumber(id) ?? 0;
    if (!(await this.webhooks.endSecret(organisation, webhook, secretId, actOf(request)))) {
      throw notFound('A replaced secret that still signs');
    }
    flash(request, 'success', 'The older secret has ended. Calls carry its signature for a minute at most.');
    response.redirect(303, `${PATH}#${listeningPost}-secrets`);
  }
}

/** A refusal that the page itself explains; anything else is an error page. */
function refuse(error: unknown, request: AccountRequest, response: Response): void {
  if (!(error instanceof Problem) || error.getStatus() !== 409) {
    throw error;
  }
  flash(request, 'error', error.message);
  response.redirect(303, PATH);
}

function savedWords(enabled: boolean, url: string | null, warning: string | null): string {
  const saved = enabled ? 'Saved. The webhook is on.' : `Saved. The webhook is off${url ? '' : ' and has no URL'}.`;
  return warning === null ? saved : `${saved} Mind: ${warning}`;
}
