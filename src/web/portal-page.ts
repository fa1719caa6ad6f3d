import type { Request } from 'express';
import { csrfToken } from './csrf.js';
import { menuFor, type PortalSection } from './portal-menu.js';

/** What happened, told once on the next page. */
export interface Flash {
  kind: 'success' | 'error';
  text: string;
}

/** What people should know whatever page they open, until it is over. */
export interface Notice {
  text: string;
  /** Where more can be seen, and something be done. */
  href: string;
  link: string;
}

/** A request of the portal, with whom the guard found behind it. */
export interface PortalRequest extends Pick<Request, 'session'> {
  organisation?: { name: string };
  member?: { email: string; name: string; role: string };
  /** What every page says above itself. */
  notices?: readonly Notice[];
}

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
    memberName: request.member?.name,
    csrfToken: csrfToken(request),
    menu: request.member ? menuFor(request.member.role, active) : [],
    notices: request.notices ?? [],
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
