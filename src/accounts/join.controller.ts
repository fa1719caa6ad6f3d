import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Param, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { flash, portalPage } from '../web/portal-page.js';
import { Problem, type FieldProblem } from '../web/problem.js';
import { addressOf } from './address.js';
import { audit } from './audit.js';
import { findInvitation, joinByInvitation } from './invite-member.js';
import type { MemberInvitation } from './member-invitation.entity.js';
import type { Member } from './member.entity.js';
import { Organisation } from './organisation.entity.js';
import { hashPassword, newPasswordProblem } from './password.js';
import { roleWords } from './roles.js';
import { startSession } from './start-session.js';
import { lineOf, nameProblem, passwordOf } from './text-fields.js';

interface JoinForm {
  name?: unknown;
  password?: unknown;
  again?: unknown;
}

/** Where an invitation's link leads. The token is all there is to show; a session is not needed. */
@Controller('join')
export class JoinController {
  constructor(private readonly em: EntityManager) {}

  @Get(':token')
  @Render('members/join')
  async show(@Param('token') token: string, @Req() request: Request) {
    const invitation = await this.find(token);
    return this.page(request, token, invitation, { name: invitation.name, errors: [] });
  }

  @Post(':token')
  async create(
    @Param('token') token: string,
    @Body() body: JoinForm | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const invitation = await this.find(token);
    const { name: organisationName } = await this.organisationOf(invitation);
    const name = lineOf(body?.name);
    const password = passwordOf(body?.password);
    const errors = problemsOf({ nameProblem: nameProblem(name), again: body?.again === password }, password, {
      email: invitation.email,
      name,
      organisationName,
    });
    if (errors.length > 0) {
      const page = await this.page(request, token, invitation, { name, errors });
      response.status(422).render('members/join', page);
      return;
    }
    const member = await this.join(request, invitation, { name, passwordHash: await hashPassword(password) });
    await startSession(request, member);
    flash(request, 'success', `Welcome to ${organisationName}. From now on you sign in with ${member.email}.`);
    response.redirect(303, '/account');
  }

  private async join(
    request: Request,
    invitation: MemberInvitation,
    details: { name: string; passwordHash: string },
  ): Promise<Member> {
    return this.em.fork().transactional(async (em) => {
      const member = await joinByInvitation(em, invitation, details);
      if (!member) {
        throw new Problem(
          409,
          'cannot_join',
          'This invitation was used a moment ago, or its e-mail signs in to Answerback already. ' +
            'Sign in, or ask for an invitation to another e-mail.',
        );
      }
      member.lastSignedInAt = new Date();
      await audit(em, {
        organisationId: member.organisationId,
        actor: member,
        action: 'member.joined',
        target: member.email,
        details: { role: member.role },
        address: addressOf(request),
      });
      return member;
    });
  }

  /** Says the same of a token that never was and of one that is over. */
  private async find(token: string): Promise<MemberInvitation> {
    const invitation = await findInvitation(this.em, token);
    if (!invitation) {
      throw new Problem(
        404,
        'not_found',
        'This invitation does not work, or no longer: it holds for seven days and once. ' +
          'Ask an admin of your organisation for a new link; if you have joined already, sign in.',
      );
    }
    return invitation;
  }

  private organisationOf({ organisationId }: MemberInvitation): Promise<Organisation> {
    return this.em.findOneOrFail(Organisation, organisationId);
  }

  private async page(
    request: Request,
    token: string,
    invitation: MemberInvitation,
    typed: { name: string; errors: FieldProblem[] },
  ) {
    const { name: joined } = await this.organisationOf(invitation);
    return {
      ...portalPage(request, `Join ${joined}`, null),
      joined,
      action: `/join/${token}`,
      email: invitation.email,
      role: roleWords[invitation.role],
      ...typed,
    };
  }
}

function problemsOf(
  given: { nameProblem: string | null; again: boolean },
  password: string,
  owner: { email: string; name: string; organisationName: string },
): FieldProblem[] {
  const problems = {
    name: given.nameProblem,
    password: newPasswordProblem(password, owner),
    again: given.again ? null : 'The two passwords differ.',
  };
  return Object.entries(problems).flatMap(([field, message]) => (message ? [{ field, message }] : []));
}
