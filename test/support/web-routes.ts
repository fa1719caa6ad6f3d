import { Body, Controller, Get, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ApiKeyGuard } from '../../src/accounts/api-key.guard.js';
import { CurrentOrganisation, type AccountRequest } from '../../src/accounts/current.js';
import type { Organisation } from '../../src/accounts/organisation.entity.js';
import { SignedInGuard } from '../../src/accounts/signed-in.guard.js';
import { flash, portalPage } from '../../src/web/portal-page.js';
import { Problem } from '../../src/web/problem.js';

/** Routes of each kind, for tests of what all of them share. */
@Controller()
export class TestRoutes {
  @Get('test/page')
  @UseGuards(SignedInGuard)
  page(@Req() request: AccountRequest, @Res() response: Response): void {
    const page = portalPage(request, 'Test', 'webhookLog');
    response.render('errors/error', { ...page, status: 200, message: 'A page.' });
  }

  @Post('test/flash')
  @UseGuards(SignedInGuard)
  flash(@Req() request: AccountRequest, @Body() body: { text: string }, @Res() response: Response): void {
    flash(request, 'success', body.text);
    response.redirect(303, '/test/page');
  }

  @Get('test/refusal')
  @UseGuards(SignedInGuard)
  refuse(): never {
    throw new Problem(409, 'call_under_way', 'A call is under way.');
  }

  @Get('api/v1/test')
  @UseGuards(ApiKeyGuard)
  readApi(): object {
    return {};
  }

  @Post('api/v1/test')
  @UseGuards(ApiKeyGuard)
  writeApi(@CurrentOrganisation() organisation: Organisation, @Req() request: Request) {
    return { organisation: organisation.name, body: request.body, session: request.session !== undefined };
  }

  @Post(['api/test/echo', 's/test/echo', 'receiver/test/echo'])
  @HttpCode(200)
  echo(@Req() request: Request, @Res() response: Response): void {
    const { body } = request as { body?: object };
    response.json({ body: body ?? null, polluted: ({} as { polluted?: unknown }).polluted ?? null });
  }
}
