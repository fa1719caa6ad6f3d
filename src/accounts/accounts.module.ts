import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { ApiKey } from './api-key.entity.js';
import { Member } from './member.entity.js';
import { Organisation } from './organisation.entity.js';

@Module({ imports: [MikroOrmModule.forFeature([Organisation, Member, ApiKey])] })
export class AccountsModule {}
