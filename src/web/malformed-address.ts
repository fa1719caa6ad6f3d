import type { NextFunction, Request, Response } from 'express';
import { audienceOf } from './audience.js';
import { Problem } from './problem.js';

/**
 * Refuses what is no address, before a route or a query reads half of it: percent-encoding that is broken or
 * no UTF-8, and U+0000 in the path, which PostgreSQL could not look up. Only the query of a survey link is
 * taken as it is: an old ticket system that writes Latin-1 must not cost an answer.
 */
export function refuseMalformedAddress(request: Request, _response: Response, next: NextFunction): void {
  const address = audienceOf(request) === 'survey' ? request.path : request.originalUrl;
  if (!isWellFormed(address) || /%00/.test(request.path)) {
    throw new Problem(400, 'malformed_address', 'This address is damaged: a % in it does not stand for a character.');
  }
  next();
}

function isWellFormed(address: string): boolean {
  try {
    decodeURIComponent(address);
    return true;
  } catch {
    return false;
  }
}
