import { Injectable } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
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
  private readonly transport: Transporter | null;
  private readonly from: string | undefined;
  private readonly host: string;

  constructor(environment: Environment) {
    const { mail, baseUrl } = environment;
    this.from = mail?.from;
    this.host = new URL(baseUrl).hostname;
    this.transport = mail
      ? createTransport({
          url: mail.smtpUrl,
          connectionTimeout: TIMEOUT_MS,
          greetingTimeout: TIMEOUT_MS,
          socketTimeout: TIMEOUT_MS,
          // What a mail holds is text of ours: nothing is read from files or addresses that it names.
          disableFileAccess: true,
          disableUrlAccess: true,
        })
      : null;
  }

  get isSet(): boolean {
    return this.transport !== null;
  }

  /** @throws the server's refusal, or why it could not be reached */
  async send({ id, to, subject, text }: OutgoingMail): Promise<void> {
    await this.transport!.sendMail({
      from: { name: 'Answerback', address: this.from! },
      // As an object: an address is never read as a list of several.
      to: { name: '', address: to },
      subject,
      text,
      messageId: `<${id}@${this.host}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  }
}
