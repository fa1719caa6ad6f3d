import { callbackify } from 'node:util';
import { EntityManager, raw } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Strategy } from 'passport-local';
import { storableText } from '../database/storable-text.js';
import { createPassport } from '../web/sessions.js';
import { Member } from './member.entity.js';
import { verifyPassword } from './password.js';

/** Signs members in by the `email` and `password` of a posted form. */
@Injectable()
export class SignIn {
  private readonly passport = createPassport();

  constructor(private readonly em: EntityManager) {
    this.passport.use(
      new Strategy(
        { usernameField: 'email' },
        callbackify((email: unknown, password: unknown) => this.findMember(email, password)),
      ),
    );
  }

  /**
   * Starts a new session for the member; whatever session there was has ended.
   * @returns false, after about the same time, when there is no such member or the password is wrong
   */
  async attempt(request: Request, response: Response): Promise<boolean> {
    const user = await this.authenticate(request, response);
    if (user) {
      await new Promise<void>((resolve, reject) => {
        request.logIn(user, (error: Error | null) => (error ? reject(error) : resolve()));
      });
    }
    return user !== null;
  }

  private authenticate(request: Request, response: Response): Promise<Express.User | null> {
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null, user?: Express.User | false | null) =>
        error ? reject(error) : resolve(user || null);
      const check = this.passport.authenticate('local', { session: false }, settle) as (
        request: Request,
        response: Response,
        next: (error: Error) => void,
      ) => void;
      check(request, response, reject);
    });
  }

  /** A field that was sent twice is a list. */
  private async findMember(email: unknown, password: unknown): Promise<Express.User | false> {
    if (typeof email !== 'string' || typeof password !== 'string') {
      return false;
    }
    const member = await this.em.findOne(Member, {
      [raw((alias) => `lower(${alias}.email)`)]: raw('lower(?)', [storableText(email).trim()]),
    });
    const verified = await verifyPassword(password, member?.passwordHash ?? null);
    return member && verified ? { memberId: member.id } : false;
  }
}
