import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { AccountController } from './account.controller.js';
import { ApiKey } from './api-key.entity.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { AuditController } from './audit.controller.js';
import { JoinController } from './join.controller.js';
import { MemberInvitation } from './member-invitation.entity.js';
import { Member } from './member.entity.js';
import { MembersController } from './members.controller.js';
import { Organisation } from './organisation.entity.js';
import { PasswordChange } from './password-change.js';
import { RolesGuard } from './roles.guard.js';
import { SignIn } from './sign-in.js';
import { SignInController } from './sign-in.controller.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { SignedInGuard } from './signed-in.guard.js';

@Module({
  imports: [MikroOrmModule.forFeature([Organisation, Member, MemberInvitation, ApiKey])],
  controllers: [SignInController, AccountController, JoinController, MembersController, AuditController],
  providers: [SignIn, SignInThrottle, PasswordChange, ApiKeyGuard, SignedInGuard, RolesGuard],
  exports: [ApiKeyGuard, SignedInGuard, RolesGuard],
})
export class AccountsModule {}
