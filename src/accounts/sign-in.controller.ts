import { EntityManager } from '@mikro-orm/postgresql';
import { Controller, Get, Post, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Environment } from '../config/environment.js';
import { localPath } from '../web/local-path.js';
import { portalPage } from '../web/portal-page.js';
import { sessionCookie, sessionCookieName } from '../web/sessions.js';
import { addressOf } from './address.js';
import { audit } from './audit.js';
import { Member } from './member.entity.js';
import { SignIn } from './sign-in.js';
import { waitWords } from './sign-in-limits.js';

const REFUSED = 'E-mail or password is wrong.';

interface SignInForm {
  email?: unknown;
  password?: unknown;
  returnTo?: unknown;
}

@Controller()
export class SignInController {
  constructor(
    private readonly signIn: SignIn,
    private readonly em: EntityManager,
    private readonly environment: Environment,
  ) {}

  @Get('sign-in')
  @Render('sign-in/show')
  show(@Req() request: Request, @Query('returnTo') returnTo: unknown) {
    return signInPage(request, { returnTo });
  }

  @Post('sign-in')
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    const form: SignInForm = request.body ?? {};
    const outcome = await this.signIn.attempt(request, response);
    if (outcome.kind === 'signed_in') {
      response.redirect(303, localPath(form.returnTo));
    } else if (outcome.kind === 'throttled') {
      const wait = throttled(response, outcome.waitSeconds);
      response.status(429).render('sign-in/show', { ...signInPage(request, form), wait, problem: true });
    } else {
      response.status(422).render('sign-in/show', { ...signInPage(request, form), error: REFUSED, problem: true });
    }
  }

  @Post('sign-out')
  async destroy(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.note(request);
    await endSession(request);
    const https = this.environment.baseUrl.startsWith('https:');
    response.clearCookie(sessionCookieName(https), sessionCookie(https));
    // Pages kept for the back button too. Not "cookies": that would reach other applications below the same domain.
    response.setHeader('Clear-Site-Data', '"cache", "storage"');
    response.redirect(303, '/sign-in');
  }

  private async note(request: Request): Promise<void> {
    const member = request.user && (await this.em.findOne(Member, request.user.memberId));
    if (member) {
      await audit(this.em, {
        organisationId: member.organisationId,
        actor: member,
        action: 'sign_out',
        address: addressOf(request),
      });
    }
  }
}

/** Says how long to wait, to programs in the header and to people in words. */
export function throttled(response: Response, seconds: number): string {
  response.setHeader('Retry-After', String(seconds));
  return waitWords(seconds);
}

function signInPage(request: Request, { email, returnTo }: SignInForm) {
  return {
    ...portalPage(request, 'Sign in', null),
    email: typeof email === 'string' ? email : '',
    returnTo: localPath(returnTo),
  };
}

function endSession(request: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    request.session.destroy((error: Error | null) => (error ? reject(error) : resolve()));
  });
}
