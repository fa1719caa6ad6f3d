import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Post, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { ApiKeyGuard } from '../accounts/api-key.guard.js';
import { CurrentOrganisation } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Environment } from '../config/environment.js';
import { Keyring } from '../config/keyring.js';
import { Survey } from '../surveys/survey.entity.js';
import { parse } from '../web/parse.js';
import { invalidField } from '../web/problem.js';
import { linkPath } from './invitation-link.js';
import type { Invitation } from './invitation.entity.js';
import { invitationSchema } from './invitation.schema.js';
import { invite } from './invite.js';

@Controller('api/v1/invitations')
@UseGuards(ApiKeyGuard)
export class InvitationsController {
  constructor(
    private readonly em: EntityManager,
    private readonly environment: Environment,
    private readonly keyring: Keyring,
  ) {}

  /** 201 with a new invitation's link; the same ticket again is 200 with the same link, its details brought up to date. */
  @Post()
  async create(
    @CurrentOrganisation() organisation: Organisation,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { survey: surveyCode, customer, ...details } = parse(invitationSchema, body);
    const survey = await this.surveyFor(organisation, surveyCode);
    const { invitation, created } = await this.em.transactional((em) =>
      invite(em, this.keyring, survey, withoutUndefined({ ...details, customerId: customer })),
    );
    response.status(created ? 201 : 200);
    return this.present(invitation, survey);
  }

  private async surveyFor(organisation: Organisation, code: string | undefined): Promise<Survey> {
    const surveys = await this.em.find(
      Survey,
      { organisationId: organisation.id, listeningPost: 'transactional', ...(code === undefined ? {} : { code }) },
      { limit: 2 },
    );
    if (surveys.length === 1) {
      return surveys[0]!;
    }
    throw code === undefined
      ? invalidField('survey', 'survey: name the survey by its code (see GET /api/v1/surveys).')
      : invalidField('survey', `survey: there is no transactional survey with the code "${code}".`);
  }

  private present(invitation: Invitation, survey: Survey) {
    return {
      ticketId: invitation.ticketId,
      survey: survey.code,
      link: `${this.environment.baseUrl}${linkPath(this.keyring, invitation)}`,
      language: invitation.language,
      expiresAt: invitation.expiresAt?.toISOString() ?? null,
    };
  }
}

/** What a request leaves out must not overwrite what is there. */
function withoutUndefined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
