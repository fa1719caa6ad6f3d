import { EntityManager, type FilterQuery } from '@mikro-orm/postgresql';
import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { ApiKeyGuard } from '../accounts/api-key.guard.js';
import { CurrentOrganisation } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { bandOf } from '../surveys/band.js';
import { listeningPosts } from '../surveys/survey.entity.js';
import { parse } from '../web/parse.js';
import { limitField, momentField, textField } from '../web/fields.js';
import { Response } from './response.entity.js';

const text = textField(255);
const querySchema = z.strictObject({
  ticketId: text.optional(),
  supportGroupCode: text.optional(),
  agentId: text.optional(),
  customer: text.optional(),
  listeningPost: z.enum(listeningPosts).optional(),
  completedFrom: momentField.optional(),
  completedTo: momentField.optional(),
  limit: limitField,
  /** The Response ID behind which to go on: `nextCursor` of the answer before. */
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be the nextCursor of an earlier answer.' })
    .transform(Number)
    .optional(),
});

@Controller('api/v1/responses')
@UseGuards(ApiKeyGuard)
export class ResponsesController {
  constructor(private readonly em: EntityManager) {}

  /** Newest first, by Response ID. */
  @Get()
  async index(@CurrentOrganisation() organisation: Organisation, @Query() query: unknown) {
    const { limit, ...filters } = parse(querySchema, query);
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
  filters: Omit<z.output<typeof querySchema>, 'limit'>,
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

function present(response: Response) {
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
