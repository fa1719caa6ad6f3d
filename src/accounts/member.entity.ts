import { defineEntity, p } from '@mikro-orm/core';

export const roles = ['admin', 'developer', 'support_lead', 'viewer'] as const;
export type Role = (typeof roles)[number];

const MemberSchema = defineEntity({
  name: 'Member',
  tableName: 'member',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    email: p.text(),
    name: p.text(),
    passwordHash: p.text().hidden(),
    role: p.enum(roles),
    createdAt: p.datetime().onCreate(() => new Date()),
    lastSignedInAt: p.datetime().nullable(),
    removedAt: p.datetime().nullable(),
    sessionVersion: p.integer().default(1),
  },
});

/** A person who signs in to the portal, or did: who was removed stays as the author of what they wrote. */
export class Member extends MemberSchema.class {
  /** Ends every session. */
  changePassword(passwordHash: string): void {
    this.passwordHash = passwordHash;
    this.endSessions();
  }

  /** Ends every session. */
  remove(at: Date): void {
    this.removedAt = at;
    this.endSessions();
  }

  /** Also one that is just being saved. */
  endSessions(): void {
    this.sessionVersion += 1;
  }
}
MemberSchema.setClass(Member);
