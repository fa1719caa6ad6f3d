import type { z } from 'zod';
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

function problemsOf(issue: z.core.$ZodIssue): FieldProblem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [...path, key].join('.'),
      message: `There is no field "${key}" here. Leave it out.`,
    }));
  }
  const field = path.join('.');
  return [
    {
      field,
      message: field === '' ? `The body is not as it should be: ${issue.message}` : `${field}: ${issue.message}`,
    },
  ];
}
