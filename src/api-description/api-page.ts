import { webhookViews } from './webhook-views.js';
import { curlExample } from './curl-example.js';
import { fieldView, fieldViews } from './field-views.js';
import type { Answer, JsonSchema, MediaType, OpenApiDocument, Operation, Parameter, Reference } from './openapi.js';
import { slug, textBlocks, textParts } from './text-blocks.js';

const JSON_TYPE = 'application/json';

/** What views/api-docs/show.hbs needs: the document, and nothing that it does not say. */
export function apiPage(document: OpenApiDocument) {
  const { info, servers, tags, components } = document;
  return {
    title: 'API',
    product: info.title,
    version: info.version,
    introduction: textBlocks(info.description),
    server: servers[0]!.url,
    authentication: textBlocks((components.securitySchemes.apiKey as { description: string }).description),
    sections: tags.map(({ name, description }) => ({
      id: slug(name),
      name,
      description: textBlocks(description),
      operations: operationsOf(name, document),
    })),
    errors: Object.entries(components.responses).flatMap(([name, answer]) =>
      // Part of another one.
      name === 'UnknownField' ? [] : problemViews(String(answer['x-status']), answer),
    ),
    problemFields: fieldViews(components.schemas.Problem!, components.schemas),
    webhooks: webhookViews(document),
  };
}

function operationsOf(section: string, document: OpenApiDocument) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, operation]) => operation.tags?.includes(section))
      .map(([method, operation]) => operationView(method, path, operation, document)),
  );
}

function operationView(method: string, path: string, operation: Operation, document: OpenApiDocument) {
  const { schemas } = document.components;
  const own = Object.entries(operation.responses).filter((entry): entry is [string, Answer] => !('$ref' in entry[1]));
  return {
    id: slug(operation.operationId),
    method: method.toUpperCase(),
    path,
    summary: operation.summary,
    description: textBlocks(operation.description),
    open: operation.security?.length === 0,
    pathParameters: parameterViews(operation, 'path', schemas),
    queryParameters: parameterViews(operation, 'query', schemas),
    body: operation.requestBody ? contentView(operation.requestBody.content, document) : null,
    curl: curlExample(method, `${document.servers[0]!.url}${path}`, operation),
    ...successViews(own, document),
    problems: own.flatMap(([status, answer]) => problemViews(status, answer)),
    shared: sharedStatuses(operation),
  };
}

/** Statuses that answer the same are shown as one. */
function successViews(own: [string, Answer][], document: OpenApiDocument) {
  const successes = own.filter(([status]) => Number(status) < 400);
  const [, last] = successes.at(-1)!;
  return {
    successes: successes.map(([status, { description }]) => ({ status, description: textParts(description) })),
    answer: last.content?.[JSON_TYPE] ? contentView(last.content, document) : null,
  };
}

function contentView(content: Record<string, MediaType>, { components }: OpenApiDocument) {
  const { schema, examples = {} } = content[JSON_TYPE]!;
  return {
    fields: fieldViews(schema, components.schemas),
    example: JSON.stringify(Object.values(examples)[0]!.value, null, 2),
  };
}

function parameterViews({ parameters = [] }: Operation, place: string, schemas: Record<string, JsonSchema>) {
  return parameters.filter((parameter) => parameter.in === place).map((parameter) => parameterView(parameter, schemas));
}

function parameterView({ name, required, description, schema }: Parameter, schemas: Record<string, JsonSchema>) {
  return fieldView(name, { ...schema, ...(description && { description }) }, required, schemas);
}

/** The codes of an answer that refuses, each with the line of its description that is about it. */
function problemViews(status: string, { description, content }: Answer) {
  if (Number(status) < 400) {
    return [];
  }
  const lines = new Map(
    [...description.matchAll(/^- `(\w+)`: (.+)$/gm)].map(([, code, when]) => [code!, when!] as const),
  );
  return Object.keys(content![JSON_TYPE]!.examples!).map((code) => ({
    status,
    code,
    when: textParts(lines.get(code)!),
  }));
}

function sharedStatuses({ responses }: Operation): string[] {
  return Object.entries(responses)
    .filter(([, answer]) => isReference(answer))
    .map(([status]) => status);
}

function isReference(answer: Answer | Reference): answer is Reference {
  return '$ref' in answer;
}
