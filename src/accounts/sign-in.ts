import { callbackify } from 'node:util';
import { EntityManager, raw } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Strategy } from 'passport-local';
import { storableText } from '../database/storable-text.js';
import { createPassport } from '../web/sessions.js';
import { addressOf } from './address.js';
import { audit } from './audit.js';
import { Member } from './member.entity.js';
import { verifyPassword } from './password.js';
import { SignInThrottle, type Attempt } from './sign-in-throttle.js';
import { startSession } from './start-session.js';

/** Whom the password belonged to when it was compared. */
interface VerifiedUser extends Express.User {
  sessionVersion: number;
}

export type SignInOutcome =
  | { kind: 'signed_in' }
  /** No such member, or the password is wrong: nobody is told which. */
  | { kind: 'refused' }
  | { kind: 'throttled'; waitSeconds: number };

/** Signs members in by the `email` and `password` of a posted form. */
@Injectable()
export class SignIn {
  private readonly passport = createPassport();

  constructor(
    private readonly em: EntityManager,
    private readonly throttle: SignInThrottle,
  ) {
    this.passport.use(
      new Strategy(
        { usernameField: 'email' },
        callbackify((email: unknown, password: unknown) => this.findMember(email, password)),
      ),
    );
  }

  /** Starts a new session for the member; whatever session there was has ended. A refusal takes as long as a success. */
  async attempt(request: Request, response: Response): Promise<SignInOutcome> {
    const attempt = attemptOf(request);
    if (!attempt) {
      return { kind: 'refused' };
    }
    const wait = await this.throttle.admit(attempt);
    if (wait > 0) {
      return { kind: 'throttled', waitSeconds: wait };
    }
    const user = await this.authenticate(request, response);
    const member = user && (await this.note(attempt, user));
    if (!member) {
      await this.throttle.fail(attempt);
      return { kind: 'refused' };
    }
    await startSession(request, member);
    return { kind: 'signed_in' };
  }

  /** Read anew: whose password was changed, or who was removed, while it was compared is not signed in. */
  private async note(attempt: Attempt, { memberId, sessionVersion }: VerifiedUser): Promise<Member | null> {
    return this.em.fork().transactional(async (em) => {
      const member = await em.findOne(Member, { id: memberId, removedAt: null, sessionVersion });
      if (member) {
        member.lastSignedInAt = new Date();
        const failures = await this.throttle.succeed(em, attempt);
        await audit(em, {
          organisationId: member.organisationId,
          actor: member,
          action: 'sign_in',
          details: failures > 0 ? { failuresBefore: failures } : {},
          address: attempt.address,
        });
      }
      return member;
    });
  }

  private authenticate(request: Request, response: Response): Promise<VerifiedUser | null> {
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null, user?: VerifiedUser | false | null) =>
        error ? reject(error) : resolve(user || null);
      const check = this.passport.authenticate('local', { session: false }, settle) as (
        request: Request,
        response: Response,
        next: (error: Error) => void,
      ) => void;
      check(request, response, reject);
    });
  }

  private async findMember(email: unknown, password: unknown): Promise<VerifiedUser | false> {
    if (typeof email !== 'string' || typeof password !== 'string') {
      return false;
    }
    const member = await this.em.findOne(Member, {
      [raw((alias) => `lower(${alias}.email)`)]: raw('lower(?)', [storableText(email).trim()]),
      removedAt: null,
    });
    const verified = await verifyPassword(password, member?.passwordHash ?? null);
    return member && verified ? { memberId: member.id, sessionVersion: member.sessionVersion } : false;
  }
}

/** Null for a form that nothing has to be compared for. A field that was sent twice is a list. */
function attemptOf(request: Request): Attempt | null {
  const { email, password } = (request.body ?? {}) as { email?: unknown; password?: unknown };
  const complete = typeof email === 'string' && typeof password === 'string' && email.trim() !== '' && password !== '';
  return complete ? { email, address: addressOf(request) } : null;
}
