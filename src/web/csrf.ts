import { csrfSync } from 'csrf-sync';
import type { Request, RequestHandler } from 'express';
import { audienceOf, isSafe } from './audience.js';
import { SIGN_IN_PATH } from './local-path.js';
import { Problem, SignInNeeded } from './problem.js';

/**
 * Refuses what another site makes a member's browser send, the sign-in form included (or a member could be signed
 * in as somebody else and type secrets into that account). Two independent checks: where the request comes from,
 * and the token of the member's own session.
 */
export function refuseForgedForms(baseUrl: string): RequestHandler {
  return (request, _response, next) => {
    if (audienceOf(request) !== 'portal' || isSafe(request)) {
      return next();
    }
    if (!comesFromOwnPage(request, baseUrl)) {
      throw new Problem(403, 'foreign_request', 'This request did not come from a page of ours, so nothing was done.');
    }
    if (!tokens.isRequestValid(request)) {
      throw expired(request);
    }
    next();
  };
}

/** The token that every form of this session carries; the first one makes a session of it. */
export function csrfToken(request: Pick<Request, 'session'>): string {
  return tokens.generateToken(request as Request);
}

const tokens = csrfSync({
  size: 32,
  getTokenFromRequest: ({ body, headers }) =>
    (body as Record<string, string> | undefined)?.['_csrf'] ?? headers['x-csrf-token']?.toString(),
});

/** A form that outlived its session is no attack: who was signed in signs in again. */
function expired(request: Request): Problem {
  return request.user || request.path === SIGN_IN_PATH
    ? new Problem(
        403,
        'invalid_csrf_token',
        'This page was open for too long. Load it again, then send the form again.',
      )
    : new SignInNeeded('/');
}

/**
 * Fetch Metadata where the browser sends it (over https and to localhost); else Origin; a browser that sends
 * neither is not let in. Another host of the same site is foreign.
 */
function comesFromOwnPage(request: Request, baseUrl: string): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) {
    return site === 'same-origin' || site === 'none';
  }
  return isOwnOrigin(request.headers.origin, request, baseUrl);
}

/** BASE_URL's, or that of the host the request was sent to: people come in by more than one name. */
function isOwnOrigin(given: string | undefined, request: Request, baseUrl: string): boolean {
  const origin = given === undefined ? null : URL.parse(given);
  if (!origin) {
    return false;
  }
  const sameHost = origin.host === request.host && (origin.protocol === 'https:' || baseUrl.startsWith('http:'));
  return origin.origin === new URL(baseUrl).origin || sameHost;
}
