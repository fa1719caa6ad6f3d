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
  },
});

/** A person who signs in to the portal. */
export class Member extends MemberSchema.class {}
MemberSchema.setClass(Member);
