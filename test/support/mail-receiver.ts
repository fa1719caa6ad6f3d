import { buffer } from 'node:stream/consumers';
import { callbackify } from 'node:util';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { eventually } from './eventually.js';

/** What the server says to the next recipient: null to take it, or a code and words. */
export type Refusal = { code: number; words: string } | null;

/** A real mail server on a loopback port that remembers what it took. Close it after the test. */
export interface MailReceiver {
  /** For SMTP_URL. */
  readonly url: string;
  readonly mails: { to: string; mail: Email }[];
  /** Recipients that were asked for, refused ones included. */
  readonly asked: string[];
  refusal: Refusal;
  /** Resolves with the mails as soon as there are `count` of them. */
  received(count: number, withinMs?: number): Promise<{ to: string; mail: Email }[]>;
  close(): Promise<void>;
}

export async function startMailReceiver(): Promise<MailReceiver> {
  const mails: MailReceiver['mails'] = [];
  const asked: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _session, callback) {
      asked.push(address);
      const { refusal } = receiver;
      callback(refusal ? Object.assign(new Error(refusal.words), { responseCode: refusal.code }) : null);
    },
    onData(stream, session, callback) {
      const take = async (): Promise<void> => {
        const mail = await PostalMime.parse(await buffer(stream));
        mails.push(...session.envelope.rcptTo.map(({ address }) => ({ to: address, mail })));
      };
      callbackify(take)(callback);
    },
  });
  // Whoever hangs up in the middle is part of a test.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const receiver: MailReceiver = {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    asked,
    refusal: null,
    received: (count, withinMs = 20_000) => eventually(() => mails.length >= count && mails, withinMs),
    close: () => new Promise((done) => server.close(() => done())),
  };
  return receiver;
}
