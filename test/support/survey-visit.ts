import { Keyring } from '../../src/config/keyring.js';
import type { Invitation } from '../../src/invitations/invitation.entity.js';
import { linkPath } from '../../src/invitations/invitation-link.js';
import type { TestWeb } from './web.js';

/** The link that a customer gets. */
export function surveyLink(web: TestWeb, invitation: Invitation): string {
  return `${web.url}${linkPath(web.context.get(Keyring), invitation)}`;
}

/** Sends the form as a browser does, or any text in its place. */
export function sendForm(link: string, fields: [string, string][] | string): Promise<Response> {
  return fetch(link, {
    method: 'POST',
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    redirect: 'manual',
  });
}
