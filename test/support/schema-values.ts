import type { JsonSchema } from '../../src/api-description/openapi.js';

/** A value and whether the schema says that it is taken. */
export type Judged = [value: unknown, taken: boolean];

const MOMENT = '2099-01-01T00:00:00Z';

/** Values at the limits of a schema and right beyond them. */
export function valuesOf(schema: JsonSchema): Judged[] {
  if (schema.anyOf) {
    return schema.anyOf
      .filter(({ type }) => type !== 'null')
      .flatMap((one) => valuesOf({ examples: schema.examples!, ...one }));
  }
  if (schema.const !== undefined) {
    return [[schema.const, true]];
  }
  if (schema.enum) {
    return [
      ...schema.enum.filter((value) => value !== null).map((value): Judged => [value, true]),
      ['nonsense', false],
    ];
  }
  const [type] = [schema.type].flat();
  return ofType[type!]!(schema);
}

/** Values of other types, as a JSON body can have them, and null. */
export function otherTypes(schema: JsonSchema): Judged[] {
  const types = schema.anyOf?.map(({ type }) => type) ?? [schema.type].flat();
  return [
    [null, types.includes('null')],
    [{}, false],
    [types.includes('string') ? 7 : 'text', false],
  ];
}

const ofType: Readonly<Record<string, (schema: JsonSchema) => Judged[]>> = {
  boolean: () => [
    [true, true],
    [false, true],
  ],
  integer: ({ minimum, maximum }) => [
    [minimum, true],
    [maximum, true],
    [minimum! - 1, false],
    [maximum! + 1, false],
    ['1.5', false],
  ],
  array: ({ items, minItems, maxItems }) => {
    const [one] = valuesOf(items!).find(([, taken]) => taken)!;
    const so = (many: number) => Array.from({ length: many }, () => one);
    return [
      ...(minItems ? [[so(minItems - 1), false] as Judged] : []),
      [so(minItems ?? 0), true],
      [so(maxItems!), true],
      [so(maxItems! + 1), false],
      ...valuesOf(items!).map(([value, taken]): Judged => [[value], taken]),
    ];
  },
  string: ({ format, pattern, minLength, maxLength, examples = [] }) => [
    [format === 'date-time' ? MOMENT : examples[0], true],
    ...(format || pattern ? [['§ nonsense', false] as Judged] : []),
    ...(minLength ? [['', false] as Judged] : []),
    ...(maxLength && !format ? longTexts(String(examples[0]), maxLength) : []),
  ],
};

/** Characters as people count them: an emoji is one. */
function longTexts(start: string, maximum: number): Judged[] {
  const longest = `${start}${'x'.repeat(maximum - start.length)}`;
  return [
    [longest, true],
    [`${longest}x`, false],
  ];
}
