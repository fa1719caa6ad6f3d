import { storableText } from '../database/storable-text.js';
import { email as emailField } from '../config/accepted-values.js';

/** What a form field says: a line without blanks around it; a field that is missing or was sent twice says nothing. */
export function lineOf(given: unknown): string {
  return typeof given === 'string' ? storableText(given).trim() : '';
}

/** Passwords are taken exactly as typed. */
export function passwordOf(given: unknown): string {
  return typeof given === 'string' ? given : '';
}

const LONGEST_NAME = 100;

export function nameProblem(name: string): string | null {
  if (name === '') {
    return 'Enter a name.';
  }
  return [...name].length > LONGEST_NAME ? `The name has more than ${LONGEST_NAME} characters.` : null;
}

export function emailProblem(email: string): string | null {
  return emailField.safeParse(email).success ? null : 'Enter an e-mail address such as mary@example.com.';
}
