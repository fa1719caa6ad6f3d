import { productVersion } from '../config/product.js';
import { problemSchema } from '../web/api-problems.js';
import type { ApiHeader, ApiWebhook } from '../web/api-webhooks.js';
import { ComponentSchemas, resolved } from './component-schemas.js';
import type { DescribedRoute } from './described-routes.js';
import type { Answer, OpenApiDocument, Operation, Parameter, PathItem } from './openapi.js';
import { problemAnswers, sharedAnswers } from './problem-answers.js';

const JSON_TYPE = 'application/json';
const API_KEY = 'apiKey';
const RECEIVER_CREDENTIALS = 'receiverCredentials';

/** The description of the JSON API and of the calls that receivers get. */
export function openApiDocument(
  routes: readonly DescribedRoute[],
  webhooks: readonly ApiWebhook[],
  baseUrl: string,
): OpenApiDocument {
  const schemas = new ComponentSchemas();
  schemas.of(problemSchema, 'output');
  const paths: Record<string, PathItem> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, schemas) };
  }
  const calls = webhooks.map((webhook): [string, PathItem] => [webhook.id, { post: callOf(webhook, schemas) }]);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Answerback',
      version: productVersion,
      summary: 'The JSON API of a survey platform whose answers go straight back to the systems that can act on them.',
      description: introduction,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: baseUrl, description: 'This installation.' }],
    security: [{ [API_KEY]: [] }],
    tags: [...new Map(routes.map(({ section }) => [section.name, { ...section }])).values()],
    paths,
    webhooks: Object.fromEntries(calls),
    components: {
      schemas: schemas.schemas,
      responses: sharedAnswers(),
      securitySchemes,
    },
  };
}

const introduction = [
  'Bodies and answers are JSON in UTF-8, their keys in camelCase. Moments are ISO 8601 in UTC, such as ' +
    '`2026-11-22T02:31:05.120Z`.',
  'What an operation does not know, it refuses: an unknown field or query parameter is `422 unknown_field`, a wrong one ' +
    '`422 invalid_field`.',
  'Every error has a stable `code`, a `message` for a person and, where a field is to blame, its name in `field`; where ' +
    'several are, all of them in `fields`. A path that does not exist is `404 not_found`; a method that a path does not ' +
    'have is `405 method_not_allowed`.',
].join('\n\n');

const securitySchemes = {
  [API_KEY]: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A request shows an API key of the organisation, made in *Preferences, API keys*: `Authorization: Bearer abk_…`.',
  },
  [RECEIVER_CREDENTIALS]: {
    type: 'http',
    scheme: 'basic',
    description: 'Of webhooks: the user name and the password set in *Preferences, Integration*, where there are any.',
  },
};

function operationOf({ method, section, operation }: DescribedRoute, schemas: ComponentSchemas): Operation {
  const parameters = [
    ...(operation.path ? parametersOf(operation.path, 'path', schemas) : []),
    ...parametersOf(operation.query, 'query', schemas),
  ];
  const body = schemas.of(operation.body, 'input');
  const hasBody = Object.keys(body.properties ?? {}).length > 0;
  return {
    operationId: operation.id,
    tags: [section.name],
    summary: operation.summary,
    ...(operation.description && { description: operation.description }),
    ...(operation.open && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(hasBody && {
      requestBody: {
        required: true,
        content: { [JSON_TYPE]: { schema: body, examples: { example: { value: operation.bodyExample } } } },
      },
    }),
    responses: {
      ...successesOf(operation, schemas),
      ...problemAnswers(
        method,
        operation,
        parameters.some((parameter) => parameter.in === 'query'),
      ),
    },
  };
}

function successesOf(operation: DescribedRoute['operation'], schemas: ComponentSchemas): Record<string, Answer> {
  const { successes, answer, example, mediaType = JSON_TYPE } = operation;
  const content = {
    [mediaType]: {
      schema: schemas.of(answer, 'output'),
      ...(example !== undefined && { examples: { example: { value: example } } }),
    },
  };
  return Object.fromEntries(
    Object.entries(successes).map(([status, description]) => [status, { description, content }]),
  );
}

function parametersOf(
  schema: DescribedRoute['operation']['query'],
  place: 'path' | 'query',
  schemas: ComponentSchemas,
): Parameter[] {
  const { properties = {}, required = [] } = schemas.of(schema, 'input');
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = resolved(property, schemas.schemas);
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description && { description }),
      schema: rest,
    };
  });
}

function callOf(webhook: ApiWebhook, schemas: ComponentSchemas): Operation {
  const bodies = webhook.bodies.map((body) => schemas.of(body, 'output'));
  return {
    operationId: webhook.id,
    summary: webhook.summary,
    description: webhook.description,
    security: [{ [RECEIVER_CREDENTIALS]: [] }, {}],
    parameters: webhook.headers.map(headerOf),
    requestBody: {
      description: webhook.bodyDescription,
      required: true,
      content: {
        [JSON_TYPE]: {
          schema: { anyOf: bodies },
          examples: Object.fromEntries(webhook.examples.map(({ name, ...example }) => [name, example])),
        },
      },
    },
    responses: {
      [webhook.success.status]: { description: webhook.success.description },
      default: { description: webhook.otherwise },
    },
  };
}

function headerOf({ name, description, required, pattern, example }: ApiHeader): Parameter {
  return {
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string', pattern, examples: [example] },
  };
}
