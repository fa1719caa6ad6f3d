import { Injectable } from '@nestjs/common';
import type { Transporter } from 'nodemailer';
import { Environment } from '../config/environment.js';

const TIMEOUT_MS = 10_000;

export interface OutgoingMail {
  /** Never changes, so that whoever gets a mail twice sees that it is one. */
  id: string;
  to: string;
  subject: string;
  text: string;
}

/** The operator's mail server, by SMTP. */
@Injectable()
export class MailServer {
  private transport: Transporter | undefined;

  constructor(private readonly environment: Environment) {}

  get isSet(): boolean {
    return this.environment.mail !== null;
  }

  /** @throws the server's refusal, or why it could not be reached */
  async send({ id, to, subject, text }: OutgoingMail): Promise<void> {
    const { mail, baseUrl } = this.environment;
    this.transport ??= await transportTo(mail!.smtpUrl);
    await this.transport.sendMail({
      from: { name: 'Answerback', address: mail!.from },
      // As an object: an address is never read as a list of several.
      to: { name: '', address: to },
      subject,
      text,
      messageId: `<${id}@${new URL(baseUrl).hostname}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  }
}

/** nodemailer takes 25 MB, and is loaded with the first mail. */
async function transportTo(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    url,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // What a mail holds is text of ours: nothing is read from files or addresses that it names.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
