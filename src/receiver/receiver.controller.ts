import { All, Controller, Param, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import { setMaxListeners } from 'node:events';
import type { Request, Response } from 'express';
import { DatabasePool } from '../database/database-pool.js';
import { storableText } from '../database/storable-text.js';
import { maskCredentials } from '../web/mask-credentials.js';
import { notFound } from '../web/problem.js';
import { giveAnswer } from './give-answer.js';
import { keepCallStatement } from './keep-call.sql.js';
import { readBody } from './read-body.js';
import { answeredWords } from './receiver-setting.js';
import { ReceiverSettings } from './receiver-settings.js';

/**
 * An endpoint of our own: it takes whatever comes, keeps it for the page, and answers as the page's controls
 * say. Nothing of a call is parsed, so nothing in it can be wrong.
 */
@Controller('receiver')
export class ReceiverController implements OnModuleDestroy {
  private readonly stopping = new AbortController();

  constructor(
    private readonly database: DatabasePool,
    private readonly settings: ReceiverSettings,
  ) {
    setMaxListeners(0, this.stopping.signal);
  }

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
    const code = storableText(portalCode);
    const setting = await this.settings.byPortalCode(code);
    if (!setting) {
      throw notFound('This receiver');
    }
    await this.database.run(keepCallStatement, [
      code,
      request.method,
      storableText(request.originalUrl),
      JSON.stringify(maskCredentials(headersOf(request))),
      body.bytes,
      body.truncated,
      answeredWords(setting),
    ]);
    await giveAnswer(response, setting, this.stopping.signal);
  }

  /** Comes before the deliveries under way are waited for, which may be calls that hang right here. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }
}

/** In the order and spelling sent, repeated ones included. */
function headersOf({ rawHeaders }: Request): [string, string][] {
  return rawHeaders
    .map((name, index): [string, string] => [name, rawHeaders[index + 1] ?? ''])
    .filter((_header, index) => index % 2 === 0);
}
