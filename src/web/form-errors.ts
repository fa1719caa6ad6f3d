import { Problem, type FieldProblem } from './problem.js';

/**
 * What is wrong with a posted form, to stand beside its fields: `url: must …` becomes `Must …`.
 * @throws whatever the form itself cannot answer for
 */
export function formErrors(error: unknown): FieldProblem[] {
  if (!(error instanceof Problem) || error.getStatus() !== 422) {
    throw error;
  }
  return error.fields.map(({ field, message }) => ({ field, message: sentence(message, field) }));
}

/** A form's text fields as they were typed, for showing them again; a field sent twice counts as empty. */
export function asTyped<Name extends string>(body: unknown, names: readonly Name[]): Record<Name, string> {
  const given = Object(body) as Record<string, unknown>;
  const typed = names.map((name) => [name, typeof given[name] === 'string' ? given[name] : '']);
  return Object.fromEntries(typed) as Record<Name, string>;
}

function sentence(message: string, field: string): string {
  const words = message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;
  return words.charAt(0).toUpperCase() + words.slice(1);
}
