import { z } from 'zod';
import type { JsonSchema } from './openapi.js';

const COMPONENTS = '#/components/schemas/';

/** Makes JSON Schemas of zod's; those with an `id` stand in `schemas` once, and are referred to. */
export class ComponentSchemas {
  readonly schemas: Record<string, JsonSchema> = {};

  /** @param io whether it describes what is sent to us or what we answer */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const made = z.toJSONSchema(schema, { io, override: inPlainWords });
    const {
      $schema: _,
      $defs = {},
      ...own
    } = withReferences(made) as JsonSchema & {
      $schema?: string;
      $defs?: Record<string, JsonSchema>;
    };
    for (const [id, definition] of Object.entries($defs)) {
      this.add(id, definition);
    }
    const { id, ...body } = own as JsonSchema & { id?: string };
    return body.$ref === undefined && id !== undefined ? this.add(id, body) : body;
  }

  private add(id: string, given: JsonSchema): JsonSchema {
    const { id: _, ...schema } = given as JsonSchema & { id?: string };
    const known = this.schemas[id];
    if (known && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`Two schemas of the API have the id "${id}".`);
    }
    this.schemas[id] = schema;
    return { $ref: `${COMPONENTS}${id}` };
  }
}

/** The schema behind a reference of the document. */
export function resolved(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>): JsonSchema {
  if (schema.$ref === undefined) {
    return schema;
  }
  const { $ref, ...beside } = schema;
  return { ...schemas[$ref.slice(COMPONENTS.length)]!, ...beside };
}

interface Overridden {
  zodSchema: z.core.$ZodType;
  jsonSchema: object;
}

/** What zod adds for its own sake is left out; what it leaves out although the fields say it is put in. */
function inPlainWords({ zodSchema, jsonSchema }: Overridden): void {
  const schema = jsonSchema as JsonSchema;
  const { examples, default: standard } = z.globalRegistry.get(zodSchema) ?? {};
  if (examples !== undefined) {
    schema.examples = examples as unknown[];
  }
  if (standard !== undefined) {
    schema.default = standard;
  }
  if (schema.type === 'integer' || schema.type === 'boolean' || isZodsOwnPattern(zodSchema)) {
    delete schema.pattern;
  }
  if (schema.minimum === Number.MIN_SAFE_INTEGER) {
    delete schema.minimum;
  }
  if (schema.maximum === Number.MAX_SAFE_INTEGER) {
    delete schema.maximum;
  }
}

/** The format says it already, and nobody could read the pattern. */
function isZodsOwnPattern(schema: z.core.$ZodType): boolean {
  const { format } = (schema as z.ZodType).def as { format?: string };
  return format === 'datetime' || format === 'email';
}

/** zod refers to its own definitions; the document has them in another place. */
function withReferences(schema: object): object {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', `"$ref":"${COMPONENTS}`);
  return JSON.parse(text, (_key, value: unknown) => (isSchema(value) ? readable(value) : value)) as object;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && ('type' in value || 'anyOf' in value);
}

/** `{ type: ['string', 'null'] }` says the same as a choice of two, and every tool shows it better. */
function readable({ anyOf, ...schema }: JsonSchema): JsonSchema {
  const [one, other, ...more] = anyOf?.flatMap((choice) => (isChoiceAlone(choice) ? choice.anyOf! : [choice])) ?? [];
  if (!one) {
    return inOrder(schema);
  }
  if (typeof one.type !== 'string' || other?.type !== 'null' || more.length > 0) {
    return inOrder({ ...schema, anyOf: [one, ...(other ? [other] : []), ...more] });
  }
  const values = one.enum && { enum: [...one.enum, null] };
  return inOrder({ ...one, ...schema, type: [one.type, 'null'], ...values });
}

function isChoiceAlone(schema: JsonSchema): boolean {
  return schema.anyOf !== undefined && Object.keys(schema).length === 1;
}

/** What it is before what it must be like. */
function inOrder({ type, format, description, ...rest }: JsonSchema): JsonSchema {
  return {
    ...(description !== undefined && { description }),
    ...(type !== undefined && { type }),
    ...(format !== undefined && { format }),
    ...rest,
  };
}
