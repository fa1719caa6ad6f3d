import { resolved } from './component-schemas.js';
import type { JsonSchema } from './openapi.js';
import { textBlocks, textParts, type TextBlock, type TextPart } from './text-blocks.js';

type Schemas = Readonly<Record<string, JsonSchema>>;

/** A field of a body, an answer or a query, as the page lists it. */
export interface FieldView {
  name: string;
  type: string;
  required: boolean;
  description: TextBlock[];
  /** What its value must be like, in words. */
  limits: TextPart[][];
  /** The values that it can have, where they are few and its description does not list them. */
  values: string[];
  example: string | null;
  /** The fields of its value, or of each of its values. */
  inside: { name: string; description: TextBlock[]; fields: FieldView[] } | null;
}

/** The fields of an object, in the order of the schema. */
export function fieldViews(schema: JsonSchema, schemas: Schemas): FieldView[] {
  const { properties = {}, required = [] } = resolved(schema, schemas);
  return Object.entries(properties).map(([name, property]) =>
    fieldView(name, property, required.includes(name), schemas),
  );
}

export function fieldView(name: string, given: JsonSchema, required: boolean, schemas: Schemas): FieldView {
  const schema = resolved(given, schemas);
  const { core, nullable } = withoutNull({ ...schema, ...(given.$ref && { $ref: given.$ref }) }, schemas);
  const inner = innermost(core, schemas);
  return {
    name,
    type: `${typeWords(core, schemas)}${nullable ? ' or null' : ''}`,
    required,
    description: textBlocks(given.description ?? schema.description),
    limits: limitsOf(core).map(textParts),
    values: valuesOf(core, given.description ?? schema.description),
    example: core.enum || core.const !== undefined ? null : exampleOf(schema, core),
    inside: inner.properties
      ? { name: nameOf(core) ?? name, description: textBlocks(inner.description), fields: fieldViews(inner, schemas) }
      : null,
  };
}

/** The schema, whatever null there is beside it. */
function withoutNull(schema: JsonSchema, schemas: Schemas): { core: JsonSchema; nullable: boolean } {
  if (Array.isArray(schema.type)) {
    return { core: { ...schema, type: schema.type[0]! }, nullable: true };
  }
  const choices = schema.anyOf?.filter((choice) => choice.type !== 'null') ?? [];
  if (choices.length === 0) {
    return { core: schema, nullable: false };
  }
  const nullable = schema.anyOf!.length > choices.length;
  // Of `""` and something with a form the form is what matters.
  const choice = choices.find(({ const: only }) => only !== '') ?? choices[0]!;
  return { core: { ...resolved(choice, schemas), ...(choice.$ref && { $ref: choice.$ref }) }, nullable };
}

function innermost(schema: JsonSchema, schemas: Schemas): JsonSchema {
  return schema.items ? innermost(resolved(schema.items, schemas), schemas) : schema;
}

function nameOf({ $ref, items }: JsonSchema): string | undefined {
  return ($ref ?? items?.$ref)?.split('/').at(-1);
}

function typeWords(schema: JsonSchema, schemas: Schemas): string {
  if (schema.items) {
    return `list of ${nameOf(schema) ?? typeWords(resolved(schema.items, schemas), schemas)}`;
  }
  const words = formats[schema.format ?? ''] ?? types[String(schema.type)] ?? 'any value';
  return words === 'object' ? (nameOf(schema) ?? words) : words;
}

const types: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'object',
};

const formats: Readonly<Record<string, string>> = {
  'date-time': 'moment',
  email: 'e-mail address',
  uri: 'URL',
};

function valuesOf({ enum: several, const: only }: JsonSchema, description = ''): string[] {
  const values = (several ?? (only === undefined ? [] : [only])).filter((value) => value !== null);
  const areListed = values.every((value) => description.includes(`- \`${value as string}\``));
  return areListed ? [] : values.map(inJson);
}

function limitsOf({
  minimum,
  maximum,
  minLength,
  maxLength,
  pattern,
  format,
  default: standard,
}: JsonSchema): string[] {
  return [
    ...(minimum !== undefined && maximum !== undefined ? [`${minimum} to ${maximum}`] : []),
    ...(minimum !== undefined && maximum === undefined ? [`${minimum} or more`] : []),
    ...(minLength === undefined ? [] : ['not empty']),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(pattern === undefined || format !== undefined ? [] : [`matches \`${pattern}\``]),
    ...(standard === undefined ? [] : [`\`${inJson(standard)}\` when left out`]),
  ];
}

function exampleOf({ examples = [] }: JsonSchema, core: JsonSchema): string | null {
  const value = [...examples, ...(core.examples ?? [])].find((example) => example !== null);
  return value === undefined ? null : inJson(value);
}

function inJson(value: unknown): string {
  return JSON.stringify(value);
}
