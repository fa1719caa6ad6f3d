import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { NodemailerError } from 'nodemailer';
import { Environment } from '../config/environment.js';
import { DatabasePool } from '../database/database-pool.js';
import { storableText } from '../database/storable-text.js';
import { forgetMailsStatement, mailEndedStatement, takeMailStatement, type MailRow } from './mail.sql.js';
import { MailServer } from './mail-server.js';

const POLL_MS = 5_000;
const FORGET_MS = 60 * 60 * 1_000;

/**
 * Sends what waits in the queue, one mail after the other. Who dies in the middle leaves a mail that is tried again later:
 * it may arrive twice, under one Message-ID, but is not lost.
 */
@Injectable()
export class MailSender implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Mail');
  private sending: Promise<void> | undefined;
  private forgotAt = -Infinity;
  private stopping = false;

  constructor(
    private readonly database: DatabasePool,
    private readonly environment: Environment,
    private readonly server: MailServer,
  ) {}

  @Interval(POLL_MS)
  sendWhenDelivering(): void {
    if (this.environment.roles.delivery && this.server.isSet && !this.stopping) {
      this.sending ??= this.sendAll()
        .catch((error: Error) => this.logger.error(`Mails are tried again: ${error.message}`))
        .finally(() => (this.sending = undefined));
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.sending;
  }

  /** Everything that is due. */
  async sendAll(): Promise<void> {
    while (!this.stopping) {
      const [mail] = await this.database.run<MailRow>(takeMailStatement);
      if (!mail) {
        break;
      }
      await this.send(mail);
    }
    if (performance.now() - this.forgotAt > FORGET_MS) {
      await this.database.run(forgetMailsStatement);
      this.forgotAt = performance.now();
    }
  }

  private async send({ id, recipient, subject, body, is_last: isLast }: MailRow): Promise<void> {
    try {
      await this.server.send({ id: `mail-${id}`, to: recipient, subject, text: body });
      await this.database.run(mailEndedStatement, [id, 'sent', null]);
      this.logger.log(`mail.sent id=${id}`);
    } catch (error) {
      const { message } = error as Error;
      const isOver = isLast || isRefusedForGood(error);
      await this.database.run(mailEndedStatement, [id, isOver ? 'failed' : 'waiting', storableText(message)]);
      if (isOver) {
        this.logger.error(`mail.failed id=${id}: ${message}`);
      } else {
        this.logger.warn(`mail.delayed id=${id}: ${message}`);
      }
    }
  }
}

/** What the server says of the mail will not change. A password that it refuses is for the operator to set right. */
function isRefusedForGood(error: unknown): boolean {
  const { permanent, code } = error as NodemailerError;
  return permanent === true && code !== 'EAUTH';
}
