import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { isBackground } from '../web/live-page.js';
import { Notices } from '../web/notices.js';
import { SignInNeeded } from '../web/problem.js';
import { addressOf } from './address.js';
import type { AccountRequest } from './current.js';
import { Member } from './member.entity.js';
import { Organisation } from './organisation.entity.js';

/** Lets in signed-in members. Who is not signed in goes to the sign-in page and comes back afterwards. */
@Injectable()
export class SignedInGuard implements CanActivate {
  constructor(
    private readonly em: EntityManager,
    private readonly notices: Notices,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AccountRequest>();
    const memberId = request.user?.memberId;
    const member = memberId === undefined ? null : await this.em.findOne(Member, { id: memberId, removedAt: null });
    if (!member || request.session.memberVersion !== member.sessionVersion) {
      throw new SignInNeeded(request.method === 'GET' ? request.originalUrl : '/');
    }
    noteAddress(request);
    request.member = member;
    request.organisation = await this.em.findOneOrFail(Organisation, member.organisationId);
    request.notices = isBackground(request) ? [] : await this.notices.of(request);
    return true;
  }
}

/** The account page shows where each session is used; a phone moves. */
function noteAddress(request: AccountRequest): void {
  const address = addressOf(request);
  if (request.session.address !== address) {
    request.session.address = address;
  }
}
