import { Controller, Get, Post, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Environment } from '../config/environment.js';
import { localPath } from '../web/local-path.js';
import { portalPage } from '../web/portal-page.js';
import { sessionCookie, sessionCookieName } from '../web/sessions.js';
import { SignIn } from './sign-in.js';

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
    if (await this.signIn.attempt(request, response)) {
      response.redirect(303, localPath(form.returnTo));
    } else {
      response.status(422).render('sign-in/show', { ...signInPage(request, form), error: REFUSED });
    }
  }

  @Post('sign-out')
  async destroy(@Req() request: Request, @Res() response: Response): Promise<void> {
    await endSession(request);
    const https = this.environment.baseUrl.startsWith('https:');
    response.clearCookie(sessionCookieName(https), sessionCookie(https));
    response.redirect(303, '/sign-in');
  }
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
