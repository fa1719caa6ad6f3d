import type { Request } from 'express';
import type { Keyring } from '../config/keyring.js';
import { decryptSecret, encryptSecret, SecretUnreadable } from '../database/encryption.js';

/** A secret on its way to the one page that shows it. */
export interface ShownOnce {
  organisationId: number;
  /** What it is, and of what: `api key 12`. The page must ask for the same. */
  subject: string;
}

/**
 * Keeps a new secret for the page that the form leads to. In between it lies in the session, which is a
 * row of the database: encrypted, so that a copy of the database shows no secret.
 */
export function showOnce(request: Pick<Request, 'session'>, keyring: Keyring, whose: ShownOnce, secret: string): void {
  request.session.shownOnce = encryptSecret(keyring, secret, locationOf(whose));
}

/** The secret that was kept for this page, the first time it is asked for; null ever after. */
export function takeShownOnce(
  { session }: Pick<Request, 'session'>,
  keyring: Keyring,
  whose: ShownOnce,
): string | null {
  const { shownOnce } = session;
  if (shownOnce === undefined) {
    return null;
  }
  delete session.shownOnce;
  try {
    return decryptSecret(keyring, shownOnce, locationOf(whose));
  } catch (error) {
    // It was kept for another page, which was never opened.
    if (error instanceof SecretUnreadable) {
      return null;
    }
    throw error;
  }
}

function locationOf({ organisationId, subject }: ShownOnce) {
  return { organisationId, table: 'session', row: subject, field: 'shown_once' };
}

declare module 'express-session' {
  interface SessionData {
    shownOnce?: string;
  }
}
