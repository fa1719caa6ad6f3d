import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { Invitation } from './invitation.entity.js';
import { InvitationsController } from './invitations.controller.js';
import { InvitationsPageController } from './invitations-page.controller.js';
import { InvitationsPage } from './invitations-page.js';
import { InviteCustomer } from './invite-customer.js';

@Module({
  imports: [MikroOrmModule.forFeature([Invitation])],
  controllers: [InvitationsController, InvitationsPageController],
  providers: [InviteCustomer, InvitationsPage],
})
export class InvitationsModule {}
