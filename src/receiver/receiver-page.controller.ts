import { Controller, Get, Render, Req, UseGuards } from '@nestjs/common';
import { CurrentOrganisation, type AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { Environment } from '../config/environment.js';
import { DatabasePool } from '../database/database-pool.js';
import { bodyText, NOT_UTF8 } from '../web/body-text.js';
import { portalPage } from '../web/portal-page.js';
import { lastCallsStatement, type ReceivedCallRow } from './keep-call.sql.js';

/** What the built-in receiver got, for the members of the organisation it belongs to. */
@Controller('receiver')
@UseGuards(SignedInGuard)
export class ReceiverPageController {
  constructor(
    private readonly database: DatabasePool,
    private readonly environment: Environment,
  ) {}

  @Get()
  @Render('receiver/index')
  async index(@CurrentOrganisation() organisation: Organisation, @Req() request: AccountRequest) {
    const calls = await this.database.run<ReceivedCallRow>(lastCallsStatement, [organisation.id]);
    return {
      ...portalPage(request, 'Receiver', 'receiver'),
      url: `${this.environment.baseUrl}/receiver/${organisation.portalCode}`,
      empty: calls.length === 0,
      calls: calls.map(callView),
    };
  }
}

function callView({
  method,
  path,
  headers,
  body,
  body_truncated: truncated,
  received_at: receivedAt,
}: ReceivedCallRow) {
  const { text, isUtf8 } = bodyText(body, truncated);
  return {
    receivedAt,
    method,
    path,
    headers: headers.map(([name, value]) => ({ name, value })),
    body: text,
    notes: [...(isUtf8 ? [] : [NOT_UTF8]), ...(truncated ? ['Cut at 64 KiB: the rest was not kept.'] : [])],
  };
}
