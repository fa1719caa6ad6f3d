import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SignInNeeded } from '../web/problem.js';
import type { AccountRequest } from './current.js';
import { Member } from './member.entity.js';
import { Organisation } from './organisation.entity.js';

/** Lets in signed-in members. Who is not signed in goes to the sign-in page and comes back afterwards. */
@Injectable()
export class SignedInGuard implements CanActivate {
  constructor(private readonly em: EntityManager) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AccountRequest>();
    const memberId = request.user?.memberId;
    const member = memberId === undefined ? null : await this.em.findOne(Member, memberId);
    if (!member) {
      throw new SignInNeeded(request.method === 'GET' ? request.originalUrl : '/');
    }
    request.member = member;
    request.organisation = await this.em.findOneOrFail(Organisation, member.organisationId);
    return true;
  }
}
