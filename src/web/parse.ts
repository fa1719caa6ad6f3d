import { z } from 'zod';
import { Problem, type FieldProblem } from './problem.js';

/**
 * Reads a request's JSON body or query by its schema. Use z.strictObject, so that unknown fields are
 * refused.
 * @throws Problem 422 `invalid_field` or `unknown_field`, naming every field that is wrong.
 */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input ?? {});
  if (result.success) {
    return result.data;
  }
  const fields = result.error.issues.flatMap(problemsOf);
  const unknown = result.error.issues.every((issue) => issue.code === 'unrecognized_keys');
  throw new Problem(422, unknown ? 'unknown_field' : 'invalid_field', fields[0]!.message, fields);
}

/** For a route that takes no parameters, or no body. */
export const nothing = z.strictObject({});

function problemsOf(issue: z.core.$ZodIssue): FieldProblem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [...path, key].join('.'),
      message: `There is no field "${key}" here. Leave it out.`,
    }));
  }
  const field = path.join('.');
  return [{ field, message: field === '' ? 'The body must be a JSON object.' : `${field}: ${wordsOf(issue)}` }];
}

/** zod's own words for a wrong type speak of types; ours are clauses that end in a full stop. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') {
    return issue.message;
  }
  return issue.message.endsWith('received undefined')
    ? 'is required.'
    : `must be ${articles[issue.expected] ?? issue.expected}.`;
}

const articles: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};
