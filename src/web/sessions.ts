import { hkdfSync } from 'node:crypto';
import type { Server } from 'node:http';
import { Logger } from '@nestjs/common';
import connectPgSimple from 'connect-pg-simple';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import session from 'express-session';
import passport from 'passport';
import type { Pool } from 'pg';
import type { EncryptionKey, Keyring } from '../config/keyring.js';
import { audienceOf } from './audience.js';
import { isBackground } from './live-page.js';

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- where passport looks for it
  namespace Express {
    /** All that a session keeps of who signed in; the rest is read anew for each request. */
    interface User {
      memberId: number;
    }
  }
}

declare module 'express-session' {
  /** What a session tells its member about itself on the account page; set at sign-in. */
  interface SessionData {
    /** Milliseconds since 1970. */
    signedInAt?: number;
    /** The member's session_version then: raising it ends every session that carries an older one. */
    memberVersion?: number;
    address?: string;
    /** In words. */
    browser?: string;
  }
}

const IDLE_LIMIT_MS = 8 * 60 * 60 * 1000;
/** Used daily, a session would never end by itself, nor would a stolen one. */
const ABSOLUTE_LIMIT_MS = 7 * 24 * 60 * 60 * 1000;

export interface SessionOptions {
  /** Whether people come by https, as BASE_URL says. */
  https: boolean;
  keyring: Keyring;
  pool: Pool;
  server: Server;
}

/**
 * Sessions in PostgreSQL, for the portal only: surveys, the API and all else cost no query and get no cookie.
 * They end eight hours after their last use, and seven days after signing in.
 */
export function sessions({ https, keyring, pool, server }: SessionOptions): RequestHandler {
  const store = sessionStore(pool, server);
  const forPortal = express.Router();
  if (https) {
    forPortal.use(trustBaseUrl);
  }
  forPortal.use(
    signedByKeyring(keyring, (secret) =>
      session({
        store,
        secret,
        name: sessionCookieName(https),
        cookie: { ...sessionCookie(https), maxAge: IDLE_LIMIT_MS },
        proxy: https,
        resave: false,
        saveUninitialized: false,
        rolling: true,
      }),
    ),
    leaveIdleLimitToPeople,
    createPassport().session() as RequestHandler,
    endWhenTooOld,
    saveBeforeRedirecting,
  );
  return (request, response, next) => {
    if (audienceOf(request) === 'portal') {
      forPortal(request, response, next);
    } else {
      next();
    }
  };
}

/** When a session was last used, by when it would end. */
export function lastUse(expires: Date): Date {
  return new Date(expires.getTime() - IDLE_LIMIT_MS);
}

/** Browsers hold a cookie with this prefix to: Secure, path `/`, and never for another host. */
export function sessionCookieName(https: boolean): string {
  return https ? '__Host-answerback' : 'answerback';
}

/** What a cookie needs to be set and to be cleared. */
export function sessionCookie(https: boolean) {
  return { httpOnly: true, sameSite: 'lax', secure: https, path: '/' } as const;
}

/**
 * A passport of its own rather than passport's global one, which the applications of one process would share.
 * Every passport made here reads the sessions that another one wrote.
 */
export function createPassport(): passport.Authenticator {
  const own = new passport.Passport();
  own.serializeUser<Express.User>((user, done) => done(null, { memberId: user.memberId }));
  own.deserializeUser<Express.User>((stored, done) =>
    done(null, Number.isSafeInteger(stored?.memberId) ? { memberId: stored.memberId } : false),
  );
  return own;
}

/** A page that asks for its own news on a screen that nobody looks at must not keep its member signed in. */
function leaveIdleLimitToPeople(request: Request, _response: Response, next: NextFunction): void {
  if (isBackground(request)) {
    Object.defineProperty(request.session, 'touch', { value: () => request.session });
  }
  next();
}

/** The visitor goes on with a new session, in which nobody is signed in. */
function endWhenTooOld(request: Request, _response: Response, next: NextFunction): void {
  const { signedInAt = 0 } = request.session;
  if (request.user && Date.now() - signedInAt >= ABSOLUTE_LIMIT_MS) {
    request.logout(next);
  } else {
    next();
  }
}

/**
 * express-session sends the head of an answer before it has saved the session. A browser follows a redirect on the
 * head alone, and would now and then find a session without what the form had just put there: who signed in, a
 * message, a secret to show.
 */
function saveBeforeRedirecting(request: Request, response: Response, next: NextFunction): void {
  const redirect = response.redirect.bind(response) as (...target: unknown[]) => void;
  response.redirect = (...target: unknown[]) => {
    const { session: current } = request as { session?: session.Session };
    if (!current || isEmpty(current)) {
      redirect(...target);
    } else {
      current.save((error: Error | null) => (error ? next(error) : redirect(...target)));
    }
  };
  next();
}

/** Only the cookie's own settings: nothing that is worth a row. */
function isEmpty(current: session.Session): boolean {
  return Object.keys(current).every((key) => key === 'cookie');
}

function sessionStore(pool: Pool, server: Server): session.Store {
  const PgStore = connectPgSimple(session);
  const logger = new Logger('Sessions');
  const store = new PgStore({
    pool,
    createTableIfMissing: false,
    errorLog: (...details: unknown[]) => logger.warn(details.map(String).join(' ')),
  });
  // Otherwise expired sessions would once be cleared through a pool that has ended.
  server.on('close', () => store.close());
  return store;
}

/**
 * A session's id is in the database; the secret that signs it in the cookie is not, so that a copy of the
 * database opens no session. The secrets come from the keyring: every process has it, it survives restarts,
 * and it rotates while running. The active key signs, every key verifies, and since every answer sets the
 * cookie anew, people in between move on to the new key without signing in again.
 */
function signedByKeyring(keyring: Keyring, create: (secrets: string[]) => RequestHandler) {
  let keys: readonly EncryptionKey[] = [];
  let middleware: RequestHandler;
  return (request: Request, response: Response, next: NextFunction): void => {
    if (keyring.all !== keys) {
      keys = keyring.all;
      middleware = create(keys.map(signingSecret));
    }
    void middleware(request, response, next);
  };
}

function signingSecret({ secret }: EncryptionKey): string {
  return Buffer.from(hkdfSync('sha256', secret, '', 'answerback session cookie', 32)).toString('base64url');
}

/**
 * express-session sends no Secure cookie over what it takes for plain http, and says nothing: behind a proxy that
 * TRUSTED_PROXIES forgets, nobody could sign in. BASE_URL says that people come by https, and a browser would
 * not keep the cookie otherwise.
 */
function trustBaseUrl(request: Request, _response: Response, next: NextFunction): void {
  request.headers['x-forwarded-proto'] = 'https';
  next();
}
