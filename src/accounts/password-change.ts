import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { FieldProblem } from '../web/problem.js';
import { addressOf } from './address.js';
import { actOf, audit } from './audit.js';
import type { AccountRequest } from './current.js';
import { Member } from './member.entity.js';
import { endSessions } from './member-sessions.js';
import { hashPassword, newPasswordProblem, verifyPassword } from './password.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { startSession } from './start-session.js';

export interface TypedPasswords {
  current: string;
  password: string;
  again: string;
}

export type PasswordChangeOutcome =
  | { kind: 'changed'; ended: number }
  | { kind: 'refused'; errors: FieldProblem[] }
  | { kind: 'throttled'; waitSeconds: number };

/** A member changes their own password. Whoever found an open browser guesses no faster here than at the sign-in page. */
@Injectable()
export class PasswordChange {
  constructor(
    private readonly em: EntityManager,
    private readonly throttle: SignInThrottle,
  ) {}

  /** Ends the member's other sessions, and this one goes on under a new id. */
  async attempt(request: AccountRequest, member: Member, typed: TypedPasswords): Promise<PasswordChangeOutcome> {
    const errors = this.problemsOf(request, member, typed);
    if (errors.length > 0) {
      return { kind: 'refused', errors };
    }
    const attempt = { email: member.email, address: addressOf(request) };
    const waitSeconds = await this.throttle.admit(attempt);
    if (waitSeconds > 0) {
      return { kind: 'throttled', waitSeconds };
    }
    if (!(await verifyPassword(typed.current, member.passwordHash))) {
      await this.throttle.fail(attempt);
      return { kind: 'refused', errors: [{ field: 'current', message: 'This is not your current password.' }] };
    }
    const { changed, ended } = await this.change(request, member, await hashPassword(typed.password));
    await startSession(request, changed);
    return { kind: 'changed', ended };
  }

  private problemsOf(request: AccountRequest, member: Member, typed: TypedPasswords): FieldProblem[] {
    const { email, name } = member;
    const problem = newPasswordProblem(typed.password, {
      email,
      name,
      organisationName: request.organisation?.name ?? '',
    });
    return [
      ...(typed.current === '' ? [{ field: 'current', message: 'Enter your current password.' }] : []),
      ...(problem ? [{ field: 'password', message: problem }] : []),
      ...(problem === null && typed.password === typed.current
        ? [{ field: 'password', message: 'This is the password you have already.' }]
        : []),
      ...(typed.again === typed.password ? [] : [{ field: 'again', message: 'The two new passwords differ.' }]),
    ];
  }

  private change(request: AccountRequest, member: Member, passwordHash: string) {
    return this.em.fork().transactional(async (em) => {
      const changed = await em.findOneOrFail(Member, { id: member.id, removedAt: null });
      changed.changePassword(passwordHash);
      await em.flush();
      const ended = await endSessions(em, member.id, request.sessionID);
      await this.throttle.succeed(em, { email: member.email, address: addressOf(request) });
      await audit(em, { ...actOf(request), action: 'account.password_changed', target: member.email });
      return { changed, ended };
    });
  }
}
