import { createHash, randomBytes } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import { roles } from './member.entity.js';

const MemberInvitationSchema = defineEntity({
  name: 'MemberInvitation',
  tableName: 'member_invitation',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    email: p.text(),
    name: p.text(),
    role: p.enum(roles),
    tokenHash: p.blob().$type<Buffer>().hidden(),
    invitedBy: p.bigint('number'),
    createdAt: p.datetime().onCreate(() => new Date()),
    expiresAt: p.datetime(),
  },
});

/** Somebody who may become a member by a link. It is gone once they have. */
export class MemberInvitation extends MemberInvitationSchema.class {
  isOpen(now: Date): boolean {
    return this.expiresAt > now;
  }
}
MemberInvitationSchema.setClass(MemberInvitation);

export function newInvitationToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored and looked up. The token is random, so that a fast hash is enough. */
export function invitationTokenHash(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}
