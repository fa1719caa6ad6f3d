import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Notice } from '../web/portal-page.js';
import type { Member } from './member.entity.js';
import type { Organisation } from './organisation.entity.js';

/** Who a request comes from; guards put it there. */
export interface AccountRequest extends Omit<Request, 'user'> {
  /** What the session keeps of a signed-in member. */
  user?: { memberId: number };
  organisation?: Organisation;
  member?: Member;
  /** What every page says above itself. */
  notices?: readonly Notice[];
}

/** The organisation of the API key or of the signed-in member; only behind a guard that found it. */
export const CurrentOrganisation = createParamDecorator((_data: unknown, context: ExecutionContext): Organisation => {
  const { organisation } = context.switchToHttp().getRequest<AccountRequest>();
  if (!organisation) {
    throw new Error('This route needs ApiKeyGuard or SignedInGuard.');
  }
  return organisation;
});

/** The signed-in member; only behind SignedInGuard. */
export const CurrentMember = createParamDecorator((_data: unknown, context: ExecutionContext): Member => {
  const { member } = context.switchToHttp().getRequest<AccountRequest>();
  if (!member) {
    throw new Error('This route needs SignedInGuard.');
  }
  return member;
});
