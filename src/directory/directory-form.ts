import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { z } from 'zod';
import { textField } from '../web/fields.js';
import { parse } from '../web/parse.js';
import { invalidField } from '../web/problem.js';
import { NO_SEGMENT } from './code-names.js';
import type { DirectoryKind } from './directory-kinds.js';

const MOST_CHARACTERS = 100;
const CODE = /^[\p{L}\p{Nd}_-]+$/u;

const codeField = textField(MOST_CHARACTERS).refine(isCode, {
  error: 'must have letters, digits, - and _ only, and at least one of them.',
});
const nameField = textField(MOST_CHARACTERS).refine((name) => name !== '', { error: 'must not be empty.' });

const entrySchema = z.object({ code: codeField, name: nameField });

/** Whether a ticket system's code can be entered here as it is. */
export function isCode(text: string): boolean {
  return CODE.test(text) && [...text].length <= MOST_CHARACTERS;
}

/** @throws Problem 422 naming the field that is wrong */
export function readEntry(kind: DirectoryKind, body: unknown): z.output<typeof entrySchema> {
  const entry = parse(entrySchema, body ?? {});
  if (kind === 'segments' && entry.code === NO_SEGMENT.code) {
    throw invalidField('code', `code: ${NO_SEGMENT.code} says that a ticket has no segment: choose another one.`);
  }
  return entry;
}

/** The error that says a code is there already, as the form's. Two people may add it at the same moment. */
export function takenCode(error: unknown, code: string): unknown {
  return error instanceof UniqueConstraintViolationException
    ? invalidField('code', `code: ${code} is there already.`)
    : error;
}
