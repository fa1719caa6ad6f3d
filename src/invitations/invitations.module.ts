import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { Invitation } from './invitation.entity.js';

@Module({ imports: [MikroOrmModule.forFeature([Invitation])] })
export class InvitationsModule {}
