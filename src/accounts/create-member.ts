import type { EntityManager } from '@mikro-orm/postgresql';
import { invalidField } from '../web/problem.js';
import { Member, type roles } from './member.entity.js';
import { hashPassword, passwordProblem } from './password.js';

export interface NewMember {
  organisationId: number;
  email: string;
  name: string;
  password: string;
  role: (typeof roles)[number];
}

/** Writes a member who can sign in. @throws Problem 422 for a password that cannot be set. */
export async function createMember(em: EntityManager, { password, ...details }: NewMember): Promise<Member> {
  const problem = passwordProblem(password);
  if (problem) {
    throw invalidField('password', problem);
  }
  const member = em.create(Member, { ...details, passwordHash: await hashPassword(password) });
  await em.flush();
  return member;
}
