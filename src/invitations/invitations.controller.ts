import { Body, Controller, Post, Query, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { ApiKeyGuard } from '../accounts/api-key.guard.js';
import { CurrentOrganisation } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Environment } from '../config/environment.js';
import { Keyring } from '../config/keyring.js';
import { ApiOperation, ApiSection } from '../web/api-operation.js';
import { parse } from '../web/parse.js';
import { linkPath } from './invitation-link.js';
import { inviteCustomer, invitationsSection } from './invitations.operations.js';
import { InviteCustomer } from './invite-customer.js';

@Controller('api/v1/invitations')
@UseGuards(ApiKeyGuard)
@ApiSection(invitationsSection)
export class InvitationsController {
  constructor(
    private readonly inviting: InviteCustomer,
    private readonly environment: Environment,
    private readonly keyring: Keyring,
  ) {}

  @Post()
  @ApiOperation(inviteCustomer)
  async create(
    @CurrentOrganisation() organisation: Organisation,
    @Body() body: unknown,
    @Query() query: unknown,
    @Res({ passthrough: true }) response: Response,
  ) {
    parse(inviteCustomer.query, query);
    const { invitation, created, survey } = await this.inviting.invite(organisation.id, body);
    response.status(created ? 201 : 200);
    return {
      ticketId: invitation.ticketId,
      survey: survey.code,
      link: `${this.environment.baseUrl}${linkPath(this.keyring, invitation)}`,
      language: invitation.language,
      expiresAt: invitation.expiresAt?.toISOString() ?? null,
    };
  }
}
