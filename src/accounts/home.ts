import type { Request } from 'express';
import { SIGN_IN_PATH } from '../web/local-path.js';

/** Where who comes to the bare address wants to be. */
export function homeOf(request: Pick<Request, 'user'>): string {
  return request.user ? '/webhook-log' : SIGN_IN_PATH;
}
