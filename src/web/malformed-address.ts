import type { NextFunction, Request, Response } from 'express';
import { Problem } from './problem.js';

/**
 * Refuses what is no address, before a route or a query reads half of it: percent-encoding that is broken or
 * no UTF-8, and U+0000 in the path, which PostgreSQL could not look up.
 */
export function refuseMalformedAddress(request: Request, _response: Response, next: NextFunction): void {
  if (!isWellFormed(request.originalUrl) || /%00/.test(request.path)) {
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
