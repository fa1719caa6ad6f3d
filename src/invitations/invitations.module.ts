import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { Invitation } from './invitation.entity.js';
import { InvitationsController } from './invitations.controller.js';

@Module({ imports: [MikroOrmModule.forFeature([Invitation])], controllers: [InvitationsController] })
export class InvitationsModule {}
