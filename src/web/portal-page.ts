import type { Request } from 'express';
import { csrfToken } from './csrf.js';

/** What happened, told once on the next page. */
export interface Flash {
  kind: 'success' | 'error';
  text: string;
}

/** A request of the portal, with whom the guard found behind it. */
export interface PortalRequest extends Pick<Request, 'session'> {
  organisation?: { name: string };
  member?: { email: string };
}

export type PortalSection = 'webhookLog' | 'receiver';

/**
 * What views/layouts/portal.hbs needs: spread it into the page's own view. Who is not signed in sees no navigation.
 *
 * @param active the entry of the navigation that the page belongs to
 */
export function portalPage(request: PortalRequest, title: string, active: PortalSection | null) {
  return {
    title,
    organisationName: request.organisation?.name,
    memberEmail: request.member?.email,
    csrfToken: csrfToken(request),
    nav: active === null ? {} : { [active]: true },
    flash: takeFlash(request),
  };
}

export function flash(request: PortalRequest, kind: Flash['kind'], text: string): void {
  request.session.flash = [...(request.session.flash ?? []), { kind, text }];
}

function takeFlash({ session }: PortalRequest): Flash[] {
  const { flash: messages = [] } = session;
  delete session.flash;
  return messages;
}

declare module 'express-session' {
  interface SessionData {
    flash?: Flash[];
  }
}
