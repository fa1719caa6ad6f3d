import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { ApiKey } from './api-key.entity.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { Member } from './member.entity.js';
import { Organisation } from './organisation.entity.js';
import { SignIn } from './sign-in.js';
import { SignInController } from './sign-in.controller.js';
import { SignedInGuard } from './signed-in.guard.js';

@Module({
  imports: [MikroOrmModule.forFeature([Organisation, Member, ApiKey])],
  controllers: [SignInController],
  providers: [SignIn, ApiKeyGuard, SignedInGuard],
  exports: [ApiKeyGuard, SignedInGuard],
})
export class AccountsModule {}
