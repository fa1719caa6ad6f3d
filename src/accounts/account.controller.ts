import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Post, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { flash, portalPage } from '../web/portal-page.js';
import { actOf, audit } from './audit.js';
import { CurrentMember, type AccountRequest } from './current.js';
import { Member } from './member.entity.js';
import { endSession, endSessions, sessionsOf } from './member-sessions.js';
import { PasswordChange } from './password-change.js';
import { roleWords } from './roles.js';
import { throttled } from './sign-in.controller.js';
import { SignedInGuard } from './signed-in.guard.js';
import { lineOf, nameProblem, passwordOf } from './text-fields.js';

/** What went wrong with which field, beside what was typed. */
interface Correction {
  name?: string;
  errors?: { field: string; message: string }[];
}

/** What every member may do with their own account. */
@Controller('account')
@UseGuards(SignedInGuard)
export class AccountController {
  constructor(
    private readonly em: EntityManager,
    private readonly passwordChange: PasswordChange,
  ) {}

  @Get()
  @Render('account/show')
  show(@Req() request: AccountRequest, @CurrentMember() member: Member) {
    return this.page(request, member);
  }

  @Post('name')
  async rename(
    @CurrentMember() member: Member,
    @Body() body: { name?: unknown } | undefined,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const name = lineOf(body?.name);
    const problem = nameProblem(name);
    if (problem) {
      const errors = [{ field: 'name', message: problem }];
      response.status(422).render('account/show', await this.page(request, member, { name, errors }));
      return;
    }
    await this.em.transactional(async (em) => {
      const own = await em.findOneOrFail(Member, member.id);
      const former = own.name;
      own.name = name;
      await audit(em, {
        ...actOf(request),
        action: 'account.renamed',
        target: member.email,
        details: { former, name },
      });
    });
    flash(request, 'success', 'Your name is saved.');
    response.redirect(303, '/account');
  }

  @Post('password')
  async changePassword(
    @CurrentMember() member: Member,
    @Body() body: { current?: unknown; password?: unknown; again?: unknown } | undefined,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const outcome = await this.passwordChange.attempt(request, member, {
      current: passwordOf(body?.current),
      password: passwordOf(body?.password),
      again: passwordOf(body?.again),
    });
    if (outcome.kind === 'changed') {
      const others = outcome.ended === 0 ? '' : ' Wherever else you were signed in, you are signed out.';
      flash(request, 'success', `Your password is changed.${others}`);
      response.redirect(303, '/account');
      return;
    }
    const errors =
      outcome.kind === 'throttled'
        ? [{ field: 'current', message: `Too many wrong passwords. Wait ${throttled(response, outcome.waitSeconds)}.` }]
        : outcome.errors;
    const status = outcome.kind === 'throttled' ? 429 : 422;
    response.status(status).render('account/show', await this.page(request, member, { errors }));
  }

  /** Ends one session by its handle, or all but this one. */
  @Post('ended-sessions')
  async endSessions(
    @CurrentMember() member: Member,
    @Body() body: { session?: unknown } | undefined,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const handle = lineOf(body?.session);
    const words =
      handle === 'others' ? await this.endOthers(request, member) : await this.endOne(request, member, handle);
    flash(request, 'success', words);
    response.redirect(303, '/account');
  }

  private endOthers(request: AccountRequest, member: Member): Promise<string> {
    return this.em.transactional(async (em) => {
      const count = await endSessions(em, member.id, request.sessionID);
      if (count > 0) {
        await audit(em, { ...actOf(request), action: 'session.ended', target: member.email, details: { count } });
      }
      return count === 0
        ? 'You are signed in nowhere else.'
        : `Signed out in ${count === 1 ? '1 other place' : `${count} other places`}.`;
    });
  }

  private endOne(request: AccountRequest, member: Member, handle: string): Promise<string> {
    return this.em.transactional(async (em) => {
      const ended = await endSession(em, member.id, handle);
      if (!ended) {
        return 'That session has ended already.';
      }
      const details = { browser: ended.browser, address: ended.address };
      await audit(em, { ...actOf(request), action: 'session.ended', target: member.email, details });
      return `Signed out: ${ended.browser}.`;
    });
  }

  private async page(request: AccountRequest, member: Member, { name, errors = [] }: Correction = {}) {
    const sessions = await sessionsOf(this.em, member.id, request.sessionID);
    return {
      ...portalPage(request, 'My account', null),
      email: member.email,
      name: name ?? member.name,
      role: roleWords[member.role],
      sessions,
      othersCount: sessions.filter(({ current }) => !current).length,
      errors,
    };
  }
}
