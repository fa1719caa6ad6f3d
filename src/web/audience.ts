import type { Request } from 'express';
import { linkParameters, rawQuery } from './query.js';

/**
 * Whom an address is for. It decides what a request costs and what it must prove:
 * - `portal`: members in a browser. Session, cookie, protection against forged forms.
 * - `survey`: customers. No cookie, no session; the link is all there is to know.
 * - `api`: programs with an API key, in JSON.
 * - `machine`: the built-in receiver's calls, health checks, metrics and assets.
 *
 * The router is set to tell upper from lower case (see configureWeb), or `/API` would be the API's route
 * and the portal's audience.
 */
export type Audience = 'portal' | 'survey' | 'api' | 'machine';

export function audienceOf(request: Request): Audience {
  if (isBelow(request.path, '/api')) {
    return 'api';
  }
  if (
    isReceiverCall(request) ||
    isBelow(request.path, '/health') ||
    isBelow(request.path, '/metrics') ||
    isBelow(request.path, '/assets')
  ) {
    return 'machine';
  }
  return isSurvey(request) ? 'survey' : 'portal';
}

/** A call to the built-in receiver. The receiver's page at `/receiver` itself is the portal's. */
export function isReceiverCall(request: Request): boolean {
  return /^\/receiver\/[^/]/.test(request.path);
}

function isSurvey(request: Request): boolean {
  return isBelow(request.path, '/s') || isBelow(request.path, '/t') || isTicketLink(request);
}

/** Ticket systems build their links to the bare address, and some of them write `&amp;` for `&`. */
function isTicketLink(request: Request): boolean {
  return request.path === '/' && isSafe(request) && linkParameters(rawQuery(request)).has('tc');
}

/** Methods that change nothing. */
export function isSafe(request: Request): boolean {
  return ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
