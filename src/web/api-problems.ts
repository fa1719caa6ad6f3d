import { z } from 'zod';

/** A refusal that an operation can answer with. */
export interface ApiProblem {
  status: number;
  code: string;
  /** When it is answered, a clause. */
  when: string;
  /** What its `message` can be. */
  message: string;
  /** The field that is to blame, where one is. */
  field?: string;
}

const fieldProblem = z
  .strictObject({
    field: z.string().meta({ description: 'The JSON key or the parameter.' }),
    message: z.string().meta({ description: 'What is wrong with it.' }),
  })
  .meta({ id: 'FieldProblem', description: 'One of several things that are wrong with a request.' });

/** Every error of the API, as the errors filter writes it. */
export const problemSchema = z
  .strictObject({
    code: z.string().meta({ description: 'Never changes: programs decide by it.' }),
    message: z.string().meta({ description: 'For a person: what is wrong and what to do. Its words may change.' }),
    field: z.string().optional().meta({ description: 'The field or parameter to blame, where there is one.' }),
    fields: z
      .array(fieldProblem)
      .min(2)
      .optional()
      .meta({ description: 'All of them, where several fields are to blame.' }),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused.' });

export const missingApiKey: ApiProblem = {
  status: 401,
  code: 'missing_api_key',
  when: 'the request carries no API key',
  message: 'Send an API key: "Authorization: Bearer <key>".',
};

export const invalidApiKey: ApiProblem = {
  status: 401,
  code: 'invalid_api_key',
  when: 'nobody has this API key, or it was revoked',
  message: 'This API key is unknown or was revoked.',
};

export const unknownField: ApiProblem = {
  status: 422,
  code: 'unknown_field',
  when: 'a field or parameter that the operation does not know',
  message: 'There is no field "verbose" here. Leave it out.',
  field: 'verbose',
};

export const invalidField: ApiProblem = {
  status: 422,
  code: 'invalid_field',
  when: 'a value that cannot be used',
  message: 'limit: must be from 1 to 200.',
  field: 'limit',
};

/** Answered before a route is looked for, or whatever the route: to every request. */
export const commonProblems: readonly ApiProblem[] = [
  {
    status: 400,
    code: 'malformed_address',
    when: 'an address whose percent-encoding is broken or is not UTF-8',
    message: 'This address is damaged: a % in it does not stand for a character.',
  },
  {
    status: 400,
    code: 'invalid_json',
    when: 'a body that is not valid JSON',
    message: 'The body is not valid JSON: Unexpected end of JSON input',
  },
  {
    status: 400,
    code: 'malformed_request',
    when: 'what is no HTTP request, such as one without a Host header',
    message: 'This request has no Host header.',
  },
  {
    status: 400,
    code: 'bad_request',
    when: 'a body that cannot be read in another way, such as one whose compression is broken',
    message: 'incorrect header check',
  },
  {
    status: 408,
    code: 'request_timeout',
    when: 'a request that did not come to its end in time',
    message: 'The request did not come to its end in time.',
  },
  {
    status: 413,
    code: 'too_large',
    when: 'a body of more than 1 MB',
    message: 'The body is larger than 1 MB.',
  },
  {
    status: 415,
    code: 'unsupported_media_type',
    when: 'a body that is not sent as application/json',
    message: 'Send the body as application/json.',
  },
  {
    status: 415,
    code: 'unsupported_charset',
    when: 'a body in another character set than UTF-8',
    message: 'The body is in an unknown character set. Send it in UTF-8.',
  },
  {
    status: 415,
    code: 'unsupported_encoding',
    when: 'a body that is compressed in a way that is not known',
    message: 'The body is compressed in an unknown way. Send it as it is.',
  },
  {
    status: 417,
    code: 'expectation_failed',
    when: 'an `Expect` other than `100-continue`',
    message: 'Nothing can be expected here but "100-continue".',
  },
  {
    status: 431,
    code: 'headers_too_large',
    when: 'an address and headers of more than 16 KB',
    message: 'The address and the headers are longer than 16 KB.',
  },
  {
    status: 500,
    code: 'internal_error',
    when: 'a fault of ours; the message has a reference that stands in the log',
    message: 'Something went wrong on our side. The log tells more under the reference 3f9a0c41d7.',
  },
  {
    status: 503,
    code: 'unavailable',
    when: 'the database cannot be used at the moment: try again, `Retry-After` says when',
    message: 'The database cannot be reached or written at the moment. Try again in a minute.',
  },
];

/** Answered where there is no operation. */
export const addressProblems: readonly ApiProblem[] = [
  {
    status: 404,
    code: 'not_found',
    when: 'your organisation has no such thing, or there is no such path',
    message: 'There is nothing at this address.',
  },
  {
    status: 405,
    code: 'method_not_allowed',
    when: 'the path is there, but not for this method: `Allow` names those it has',
    message: 'This address answers GET only.',
  },
];

export function notFoundProblem(when: string, message: string): ApiProblem {
  return { status: 404, code: 'not_found', when, message };
}
