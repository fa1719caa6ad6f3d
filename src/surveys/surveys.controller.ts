import { EntityManager } from '@mikro-orm/postgresql';
import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiKeyGuard } from '../accounts/api-key.guard.js';
import { CurrentOrganisation } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { Environment } from '../config/environment.js';
import { ApiOperation, ApiSection } from '../web/api-operation.js';
import { parse } from '../web/parse.js';
import { Survey } from './survey.entity.js';
import { listSurveys, surveysSection } from './surveys.operations.js';
import { ticketLinkTemplate } from './ticket-link.js';

@Controller('api/v1/surveys')
@UseGuards(ApiKeyGuard)
@ApiSection(surveysSection)
export class SurveysController {
  constructor(
    private readonly em: EntityManager,
    private readonly environment: Environment,
  ) {}

  @Get()
  @ApiOperation(listSurveys)
  async index(@CurrentOrganisation() organisation: Organisation, @Query() query: unknown) {
    parse(listSurveys.query, query);
    const surveys = await this.em.find(Survey, { organisationId: organisation.id }, { orderBy: { id: 'asc' } });
    return {
      surveys: surveys.map(({ code, listeningPost, description, language }) => ({
        code,
        listeningPost,
        description,
        language,
        ticketLinkTemplate:
          listeningPost === 'transactional'
            ? ticketLinkTemplate(this.environment.baseUrl, code, organisation.portalCode)
            : null,
      })),
    };
  }
}
