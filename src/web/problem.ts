import { HttpException } from '@nestjs/common';

/** One thing that is wrong with a request. `field` names the JSON key, form field or parameter. */
export interface FieldProblem {
  field: string;
  message: string;
}

/**
 * An expected refusal: a status, a code that never changes, and words for the person who has to do
 * something about it. The errors filter makes JSON or a page of it.
 */
export class Problem extends HttpException {
  constructor(
    status: number,
    readonly code: string,
    message: string,
    readonly fields: readonly FieldProblem[] = [],
  ) {
    super(message, status);
  }
}

export function notFound(what: string): Problem {
  return new Problem(404, 'not_found', `${what} was not found.`);
}

/** One field is wrong. */
export function invalidField(field: string, message: string): Problem {
  return new Problem(422, 'invalid_field', message, [{ field, message }]);
}

/** Who has to sign in goes to the sign-in page, and from there to `returnTo`, a path of ours. */
export class SignInNeeded extends Problem {
  constructor(readonly returnTo: string) {
    super(401, 'sign_in_needed', 'Sign in first.');
  }
}
