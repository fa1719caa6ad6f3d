import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Param, Post, Query, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { Environment } from '../config/environment.js';
import { Keyring } from '../config/keyring.js';
import { flash } from '../web/portal-page.js';
import { notFound } from '../web/problem.js';
import { showOnce, takeShownOnce } from '../web/shown-once.js';
import { wholeNumber } from '../web/whole-number.js';
import { actOf, audit } from './audit.js';
import { changeRole, removeMember, signOutEverywhere, type MemberChange } from './change-member.js';
import { CurrentMember, type AccountRequest } from './current.js';
import { inviteMember, type Invited } from './invite-member.js';
import { MemberInvitation } from './member-invitation.entity.js';
import type { Member } from './member.entity.js';
import { membersPage, readInvitee, shownInvitation, type MembersForm } from './members-page.js';
import { roleOf, roleWords } from './roles.js';
import { Roles, RolesGuard } from './roles.guard.js';
import { SignedInGuard } from './signed-in.guard.js';

/** Who may sign in, and as what: for admins. */
@Controller('members')
@UseGuards(SignedInGuard, RolesGuard)
@Roles('admin')
export class MembersController {
  constructor(
    private readonly em: EntityManager,
    private readonly environment: Environment,
    private readonly keyring: Keyring,
  ) {}

  @Get()
  @Render('members/index')
  async index(@Req() request: AccountRequest, @CurrentMember() admin: Member, @Query('invitation') given: unknown) {
    const id = wholeNumber(given);
    const invitation = id === null ? null : await this.em.findOne(MemberInvitation, { id, ...ownedBy(admin) });
    const token = invitation && takeShownOnce(request, this.keyring, shownInvitation(invitation));
    const link = token ? `${this.environment.baseUrl}/join/${token}` : null;
    return {
      ...(await membersPage(this.em, request, admin)),
      invited: link ? { link, email: invitation?.email } : null,
    };
  }

  /** A new invitation, or a new link for one whose link was lost or has run out. */
  @Post('invitations')
  async invite(
    @CurrentMember() admin: Member,
    @Body() body: MembersForm | undefined,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const { invitee, errors } = readInvitee(body, admin);
    const outcome: Invited = errors.length > 0 ? { kind: 'refused', errors } : await this.inviteNow(request, invitee);
    if (outcome.kind === 'refused') {
      const page = await membersPage(this.em, request, admin, { form: invitee, errors: outcome.errors });
      response.status(422).render('members/index', page);
      return;
    }
    showOnce(request, this.keyring, shownInvitation(outcome.invitation), outcome.token);
    response.redirect(303, `/members?invitation=${outcome.invitation.id}`);
  }

  @Post('invitations/:id/withdrawal')
  async withdraw(
    @CurrentMember() admin: Member,
    @Param('id') given: string,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const id = wholeNumber(given);
    const email = await this.em.transactional(async (em) => {
      const invitation = id === null ? null : await em.findOne(MemberInvitation, { id, ...ownedBy(admin) });
      if (invitation) {
        await em.remove(invitation).flush();
        await audit(em, { ...actOf(request), action: 'member.invitation_withdrawn', target: invitation.email });
      }
      return invitation?.email ?? null;
    });
    if (email === null) {
      throw notFound('This invitation');
    }
    flash(request, 'success', `The invitation of ${email} is withdrawn: its link no longer works.`);
    response.redirect(303, '/members');
  }

  @Post(':id/role')
  async changeRole(
    @CurrentMember() admin: Member,
    @Param('id') id: string,
    @Body() body: { role?: unknown } | undefined,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const role = roleOf(body?.role);
    if (!role) {
      flash(request, 'error', 'Choose one of the roles. Nothing was changed.');
      return response.redirect(303, '/members');
    }
    const change = await this.em.transactional(async (em) => {
      const done = await changeRole(em, admin.organisationId, wholeNumber(id) ?? 0, role);
      if (done.kind === 'changed') {
        const details = { from: done.former, to: role };
        await audit(em, { ...actOf(request), action: 'member.role_changed', target: done.member.email, details });
      }
      return done;
    });
    this.answer(request, response, change, `is ${roleWords[role].label} now.`);
  }

  /** For a member whose browser was lost or whose password somebody knows: they sign in again, or cannot. */
  @Post(':id/ended-sessions')
  async endSessions(
    @CurrentMember() admin: Member,
    @Param('id') id: string,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    if (wholeNumber(id) === admin.id) {
      flash(request, 'error', 'Where you are signed in yourself is under My account. Nothing was changed.');
      return response.redirect(303, '/members');
    }
    const name = await this.em.transactional(async (em) => {
      const member = await signOutEverywhere(em, admin.organisationId, wholeNumber(id) ?? 0);
      if (member) {
        await audit(em, { ...actOf(request), action: 'member.signed_out', target: member.email });
      }
      return member?.name ?? null;
    });
    if (name === null) {
      throw notFound('This member');
    }
    flash(request, 'success', `${name} is signed out everywhere.`);
    response.redirect(303, '/members');
  }

  @Post(':id/removal')
  async remove(
    @CurrentMember() admin: Member,
    @Param('id') id: string,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const change = await this.em.transactional(async (em) => {
      const done = await removeMember(em, admin.organisationId, wholeNumber(id) ?? 0);
      if (done.kind === 'changed') {
        await audit(em, { ...actOf(request), action: 'member.removed', target: done.member.email });
      }
      return done;
    });
    this.answer(request, response, change, 'is removed and signed out everywhere.');
  }

  private inviteNow(request: AccountRequest, invitee: Parameters<typeof inviteMember>[1]): Promise<Invited> {
    return this.em.transactional(async (em) => {
      const done = await inviteMember(em, invitee);
      if (done.kind === 'invited') {
        const details = { role: invitee.role };
        await audit(em, { ...actOf(request), action: 'member.invited', target: invitee.email, details });
      }
      return done;
    });
  }

  private answer(request: AccountRequest, response: Response, change: MemberChange, words: string): void {
    if (change.kind === 'not_found') {
      throw notFound('This member');
    }
    if (change.kind === 'last_admin') {
      const { name } = change.member;
      flash(request, 'error', `${name} is the only admin. Make somebody else an admin first. Nothing was changed.`);
    } else {
      flash(request, 'success', `${change.member.name} ${words}`);
    }
    response.redirect(303, '/members');
  }
}

function ownedBy({ organisationId }: Member) {
  return { organisationId };
}
