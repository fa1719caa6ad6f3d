import { z } from 'zod';
import { apiOperation, type ApiSectionDescription } from '../web/api-operation.js';

export const descriptionSection: ApiSectionDescription = {
  name: 'Description',
  description: 'What you are reading. It needs no API key, and has no customer’s data in it.',
};

const things = (description: string) => z.record(z.string(), z.unknown()).meta({ description });

export const showDocument = apiOperation({
  id: 'showApiDescription',
  summary: 'Get this description',
  description: 'The API in OpenAPI 3.1, for generators of clients and of receivers.',
  open: true,
  successes: { 200: 'The description.' },
  answer: z
    .strictObject({
      openapi: z.string().meta({ description: 'The version of OpenAPI.', examples: ['3.1.1'] }),
      info: things('What it describes, and the version of it.'),
      jsonSchemaDialect: z.string().meta({ description: 'What its schemas are written in.' }),
      servers: z.array(things('One server.')).meta({ description: 'Where the API is.' }),
      security: z.array(things('One way to authenticate.')).meta({ description: 'How to authenticate.' }),
      tags: z.array(things('One chapter.')).meta({ description: 'The chapters.' }),
      paths: things('The operations.'),
      webhooks: things('The calls that receivers get.'),
      components: things('What they share.'),
    })
    .meta({ id: 'ApiDescription', description: 'An OpenAPI document.' }),
  example: {
    openapi: '3.1.1',
    info: { title: 'Answerback', version: '1.0.0' },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: 'https://answers.example.com' }],
    security: [{ apiKey: [] }],
    tags: [],
    paths: {},
    webhooks: {},
    components: {},
  },
});

export const showPage = apiOperation({
  id: 'showApiPage',
  summary: 'Read this description',
  description: 'The same as a page for people.',
  open: true,
  successes: { 200: 'The page.' },
  mediaType: 'text/html',
  answer: z.unknown().meta({ type: 'string' }),
  example: undefined,
});
