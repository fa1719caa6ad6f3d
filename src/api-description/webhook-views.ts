import { resolved } from './component-schemas.js';
import { fieldView, fieldViews, type FieldView } from './field-views.js';
import type { Answer, OpenApiDocument, Operation } from './openapi.js';
import { slug, textBlocks, textParts } from './text-blocks.js';

const JSON_TYPE = 'application/json';

/** The calls that receivers get, as the page shows them. */
export function webhookViews(document: OpenApiDocument) {
  return Object.values(document.webhooks).map(({ post }) => webhookView(post!, document));
}

function webhookView(operation: Operation, { components }: OpenApiDocument) {
  const { description, content } = operation.requestBody!;
  const { schema, examples = {} } = content[JSON_TYPE]!;
  return {
    id: slug(operation.operationId),
    summary: operation.summary,
    description: textBlocks(operation.description),
    headers: [...headerViews(operation), authorizationView(components)],
    bodyDescription: textBlocks(description),
    bodies: (schema.anyOf ?? [schema]).map((body) => ({
      name: body.$ref!.split('/').at(-1)!,
      description: textBlocks(resolved(body, components.schemas).description),
      fields: fieldViews(body, components.schemas),
    })),
    examples: Object.values(examples).map(({ summary, value }) => ({
      summary: textParts(summary!),
      text: JSON.stringify(value, null, 2),
    })),
    answers: Object.entries(operation.responses).map(([status, answer]) => ({
      status: status === 'default' ? 'anything else' : status,
      description: textBlocks((answer as Answer).description),
    })),
  };
}

/** OpenAPI tells of the type of a body, and of credentials, elsewhere than of other headers; receivers want them in one list. */
function headerViews({ parameters = [] }: Operation): FieldView[] {
  const type = { description: 'Always the same.', type: 'string', const: `${JSON_TYPE}; charset=utf-8` };
  return [
    fieldView('Content-Type', type, true, {}),
    ...parameters.map(({ name, required, description, schema }) =>
      fieldView(name, { ...schema, ...(description && { description }) }, required, {}),
    ),
  ];
}

function authorizationView({ securitySchemes }: OpenApiDocument['components']): FieldView {
  const { description } = securitySchemes.receiverCredentials as { description: string };
  return fieldView(
    'Authorization',
    { description, type: 'string', examples: ['Basic YW5zd2VyYmFjazpzZWNyZXQ='] },
    false,
    {},
  );
}
