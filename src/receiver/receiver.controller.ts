import { All, Controller, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DatabasePool } from '../database/database-pool.js';
import { storableText } from '../database/storable-text.js';
import { maskCredentials } from '../web/mask-credentials.js';
import { notFound } from '../web/problem.js';
import { keepCallStatement } from './keep-call.sql.js';
import { readBody } from './read-body.js';

/**
 * An endpoint of our own: it takes whatever comes, answers 200 and keeps it for the page. Nothing of a call
 * is parsed, so nothing in it can be wrong.
 */
@Controller('receiver')
export class ReceiverController {
  constructor(private readonly database: DatabasePool) {}

  @All([':portalCode', ':portalCode/*below'])
  async receive(
    @Param('portalCode') portalCode: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const body = await readBody(request);
    if (body === null) {
      return;
    }
    const kept = await this.database.run(keepCallStatement, [
      storableText(portalCode),
      request.method,
      storableText(request.originalUrl),
      JSON.stringify(maskCredentials(headersOf(request))),
      body.bytes,
      body.truncated,
    ]);
    if (kept.length === 0) {
      throw notFound('This receiver');
    }
    response.status(200).json({ received: true });
  }
}

/** In the order and spelling sent, repeated ones included. */
function headersOf({ rawHeaders }: Request): [string, string][] {
  return rawHeaders
    .map((name, index): [string, string] => [name, rawHeaders[index + 1] ?? ''])
    .filter((_header, index) => index % 2 === 0);
}
