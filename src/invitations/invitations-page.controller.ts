import { Body, Controller, Get, Post, Query, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { actOf, audit } from '../accounts/audit.js';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Roles, RolesGuard } from '../accounts/roles.guard.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { formErrors } from '../web/form-errors.js';
import { flash } from '../web/portal-page.js';
import { notFound } from '../web/problem.js';
import { wholeNumber } from '../web/whole-number.js';
import { invitationFrom, typedInvitation } from './invitation-form.js';
import { INVITERS, InvitationsPage } from './invitations-page.js';
import { InviteCustomer } from './invite-customer.js';

/** Who was asked about which ticket, and whether they answered. */
@Controller('invitations')
@UseGuards(SignedInGuard, RolesGuard)
export class InvitationsPageController {
  constructor(
    private readonly inviting: InviteCustomer,
    private readonly page: InvitationsPage,
  ) {}

  /** `before` and `after` are pages of the list; `invited` shows one invitation's link above it. */
  @Get()
  @Render('invitations/index')
  async index(
    @Req() request: AccountRequest,
    @Query('before') before: unknown,
    @Query('after') after: unknown,
    @Query('invited') invited: unknown,
  ) {
    const asked = { before: numberFrom(before), after: numberFrom(after), invited: numberFrom(invited) };
    return this.page.view(request, asked);
  }

  @Post()
  @Roles(...INVITERS)
  async create(
    @CurrentOrganisation() organisation: Organisation,
    @Body() body: unknown,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const typed = typedInvitation(body);
    try {
      const input = invitationFrom(typed, organisation.timeZone);
      const { invitation, created } = await this.inviting.invite(organisation.id, input, (em, { invitation: made }) =>
        audit(em, { ...actOf(request), action: 'invitation.made', target: made.ticketId }),
      );
      flash(request, 'success', invitedWords(invitation.ticketId, created));
      response.redirect(303, `/invitations?invited=${invitation.id}`);
    } catch (error) {
      const view = await this.page.view(request, { form: { typed, errors: formErrors(error) } });
      response.status(422).render('invitations/index', view);
    }
  }
}

function invitedWords(ticketId: string, created: boolean): string {
  return created
    ? `The customer of ${ticketId} has a link now. Send it to them.`
    : `${ticketId} had an invitation already: it keeps its link, and its details are up to date.`;
}

/** Null without a number; what is none is no page of the list. */
function numberFrom(given: unknown): number | null {
  if (given === undefined) {
    return null;
  }
  const number = wholeNumber(given);
  if (number === null) {
    throw notFound('This page of the list');
  }
  return number;
}
