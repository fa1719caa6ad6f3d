import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, Logger } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { storableText } from '../database/storable-text.js';

export interface NewMail {
  organisationId: number;
  /** E-mail addresses; each gets a mail of their own. */
  to: readonly string[];
  /** One line. */
  subject: string;
  /** Plain text. */
  body: string;
}

/** Takes e-mails in the transaction of what they tell of, to be sent once that is committed. */
@Injectable()
export class MailQueue {
  private readonly logger = new Logger('Mail');

  constructor(private readonly environment: Environment) {}

  /** Where no mail server is set, nothing is kept: whoever sets one later wants no news of long ago. */
  async add(em: EntityManager, { organisationId, to, subject, body }: NewMail): Promise<void> {
    if (this.environment.mail === null) {
      this.logger.warn(`No mail is sent, as SMTP_URL is not set. Its subject: ${JSON.stringify(subject)}.`);
      return;
    }
    for (const recipient of to) {
      await em.execute('insert into mail (organisation_id, recipient, subject, body) values (?, ?, ?, ?)', [
        organisationId,
        recipient,
        storableText(subject),
        storableText(body),
      ]);
    }
  }
}
