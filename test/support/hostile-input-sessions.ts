import type { OutgoingHttpHeaders } from 'node:http';
import type { Person, Premises } from './hostile-input-premises.js';
import { PASSWORD } from './hostile-input-premises.js';
import { isForPrograms, type Sender } from './hostile-input-requests.js';

/** A browser's session, as headers: its cookie, and the proof that a page of ours sends. */
export type Session = OutgoingHttpHeaders;

/** Signs somebody in as a person would. Without somebody: a visitor who only looked at the sign-in page. */
export async function openSession(sender: Sender, person?: Person, password = PASSWORD): Promise<Session> {
  const visitor = await sessionAt(sender, '/sign-in', {});
  if (!person) {
    return visitor;
  }
  const body = new URLSearchParams({ email: person.email, password }).toString();
  const { status, headers } = await sender.send({
    method: 'POST',
    path: '/sign-in',
    headers: { ...visitor, 'Content-Type': FORM },
    body,
  });
  if (status !== 303) {
    throw new Error(`Signing in answered ${status}.`);
  }
  return sessionAt(sender, '/account', { Cookie: cookieOf(headers['set-cookie']) });
}

const FORM = 'application/x-www-form-urlencoded';

async function sessionAt(sender: Sender, path: string, headers: OutgoingHttpHeaders): Promise<Session> {
  const page = await sender.send({ method: 'GET', path, headers });
  const token = /name="_csrf" value="(\w+)"/.exec(page.text)![1]!;
  return { Cookie: cookieOf(page.headers['set-cookie']), 'X-CSRF-Token': token, 'Sec-Fetch-Site': 'same-origin' };
}

function cookieOf(set: string[] | undefined): string {
  return set![0]!.split(';')[0]!;
}

/** Of the application that is attacked. */
export const METRICS_TOKEN = 'a-token-for-prometheus-0123456789-abc';

/** What a request to this path shows to be let in: an API key, a token, a session, or nothing where nothing is asked for. */
export function proofFor(path: string, { apiKey }: Pick<Premises, 'apiKey'>, session: Session): OutgoingHttpHeaders {
  if (path.startsWith('/api/')) {
    return { Authorization: `Bearer ${apiKey}` };
  }
  if (/^\/metrics(\?|$)/.test(path)) {
    return { Authorization: `Bearer ${METRICS_TOKEN}` };
  }
  return isForPrograms(path) || /^\/(s|t)(\/|\?|$)/.test(path) ? {} : session;
}
