import { EntityManager, type FilterQuery } from '@mikro-orm/postgresql';
import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import type { z } from 'zod';
import { ApiKeyGuard } from '../accounts/api-key.guard.js';
import { CurrentOrganisation } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { bandOf } from '../surveys/band.js';
import { ApiOperation, ApiSection } from '../web/api-operation.js';
import { parse } from '../web/parse.js';
import type { ResponseAnswer } from './response-answer.schema.js';
import { Response } from './response.entity.js';
import { listResponses, responsesSection } from './responses.operations.js';

@Controller('api/v1/responses')
@UseGuards(ApiKeyGuard)
@ApiSection(responsesSection)
export class ResponsesController {
  constructor(private readonly em: EntityManager) {}

  @Get()
  @ApiOperation(listResponses)
  async index(@CurrentOrganisation() organisation: Organisation, @Query() query: unknown) {
    const { limit, ...filters } = parse(listResponses.query, query);
    const responses = await this.em.find(Response, conditions(organisation, filters), {
      orderBy: { id: 'desc' },
      limit: limit + 1,
    });
    const page = responses.slice(0, limit);
    return {
      responses: page.map(present),
      nextCursor: responses.length > limit ? String(page.at(-1)!.id) : null,
    };
  }
}

function conditions(
  organisation: Organisation,
  filters: Omit<z.output<typeof listResponses.query>, 'limit'>,
): FilterQuery<Response> {
  const { cursor, customer, completedFrom, completedTo, ...equal } = filters;
  return {
    organisationId: organisation.id,
    ...Object.fromEntries(Object.entries(equal).filter(([, value]) => value !== undefined)),
    ...(customer === undefined ? {} : { customerId: customer }),
    ...(cursor === undefined ? {} : { id: { $lt: cursor } }),
    ...(completedFrom || completedTo
      ? {
          completedAt: {
            ...(completedFrom ? { $gte: completedFrom } : {}),
            ...(completedTo ? { $lt: completedTo } : {}),
          },
        }
      : {}),
  };
}

function present(response: Response): ResponseAnswer {
  return {
    responseId: response.id,
    listeningPost: response.listeningPost,
    ticketId: response.ticketId,
    supportGroupCode: response.supportGroupCode,
    agentId: response.agentId,
    customer: response.customerId,
    customerName: response.customerName,
    customerEmail: response.customerEmail,
    segmentCode: response.segmentCode,
    segment2Code: response.segment2Code,
    overall: response.overall,
    band: bandOf(response.overall),
    factors: response.factors,
    comments: response.comments,
    surveyDescription: response.surveyDescription,
    language: response.language,
    completedAt: response.completedAt.toISOString(),
  };
}
