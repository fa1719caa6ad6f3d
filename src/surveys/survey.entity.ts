import { defineEntity, p } from '@mikro-orm/core';

export const listeningPosts = ['transactional', 'relationship'] as const;
export type ListeningPost = (typeof listeningPosts)[number];

const SurveySchema = defineEntity({
  name: 'Survey',
  tableName: 'survey',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    code: p.text(),
    listeningPost: p.enum(listeningPosts),
    description: p.text(),
    language: p.text().default('en'),
    thankYouText: p.text(),
    createdAt: p.datetime().onCreate(() => new Date()),
  },
});

/** What customers are asked: about one ticket (transactional) or periodically (relationship). */
export class Survey extends SurveySchema.class {}
SurveySchema.setClass(Survey);
