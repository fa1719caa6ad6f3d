import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Problem } from '../web/problem.js';
import type { AccountRequest } from './current.js';
import type { Role } from './member.entity.js';

const ROLES = 'roles';

/** Only members of these roles; on a controller or a route, behind SignedInGuard and RolesGuard. */
export const Roles = (...roles: Role[]) => SetMetadata(ROLES, roles);

/** Lets in the roles that @Roles names. Put it behind SignedInGuard: `@UseGuards(SignedInGuard, RolesGuard)`. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const roles = this.reflector.getAllAndOverride<Role[] | undefined>(ROLES, [
      context.getHandler(),
      context.getClass(),
    ]);
    const { member } = context.switchToHttp().getRequest<AccountRequest>();
    if (roles === undefined || (member && roles.includes(member.role))) {
      return true;
    }
    throw new Problem(
      403,
      'role_not_allowed',
      'Your role does not include this page. Ask an admin of your organisation.',
    );
  }
}
