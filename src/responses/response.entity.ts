import { defineEntity, p } from '@mikro-orm/core';
import type { ExperienceFactor } from '../surveys/factors.js';
import { listeningPosts } from '../surveys/survey.entity.js';

const ResponseSchema = defineEntity({
  name: 'Response',
  tableName: 'response',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    surveyId: p.bigint('number'),
    invitationId: p.bigint('number'),
    listeningPost: p.enum(listeningPosts),
    surveyDescription: p.text(),
    language: p.text(),
    ticketId: p.text(),
    supportGroupCode: p.text(),
    agentId: p.text(),
    customerId: p.text(),
    customerName: p.text(),
    customerEmail: p.text(),
    segmentCode: p.text(),
    segment2Code: p.text().fieldName('segment_2_code'),
    overall: p.smallint(),
    factors: p.array().$type<ExperienceFactor[]>(),
    comments: p.text(),
    completedAt: p.datetime(),
    createdAt: p.datetime(),
  },
});

/** One customer's answers about one ticket, as they stand now. */
export class Response extends ResponseSchema.class {}
ResponseSchema.setClass(Response);

const SubmissionSchema = defineEntity({
  name: 'Submission',
  tableName: 'submission',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    invitationId: p.bigint('number'),
    responseId: p.bigint('number'),
    formId: p.text().nullable(),
    overall: p.smallint(),
    factors: p.array().$type<ExperienceFactor[]>(),
    comments: p.text(),
    submittedAt: p.datetime(),
  },
});

/** One sending of the form: what it said, kept also when a later one replaces it. */
export class Submission extends SubmissionSchema.class {}
SubmissionSchema.setClass(Submission);
