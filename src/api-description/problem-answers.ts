import type { ApiOperationDescription } from '../web/api-operation.js';
import {
  addressProblems,
  commonProblems,
  invalidApiKey,
  invalidField,
  missingApiKey,
  unknownField,
  type ApiProblem,
} from '../web/api-problems.js';
import type { Answer, JsonSchema, Method, Reference } from './openapi.js';

/** Answers that many operations share, by their name among the components. */
const shared: Readonly<Record<string, readonly ApiProblem[]>> = {
  BadRequest: commonProblems.filter(({ status }) => status === 400),
  Unauthorized: [missingApiKey, invalidApiKey],
  NotFound: addressProblems.filter(({ status }) => status === 404),
  MethodNotAllowed: addressProblems.filter(({ status }) => status === 405),
  Timeout: commonProblems.filter(({ status }) => status === 408),
  TooLarge: commonProblems.filter(({ status }) => status === 413),
  UnsupportedMediaType: commonProblems.filter(({ status }) => status === 415),
  ExpectationFailed: commonProblems.filter(({ status }) => status === 417),
  HeadersTooLarge: commonProblems.filter(({ status }) => status === 431),
  InvalidInput: [unknownField, invalidField],
  UnknownField: [unknownField],
  InternalError: commonProblems.filter(({ status }) => status === 500),
  Unavailable: commonProblems.filter(({ status }) => status === 503),
};

export function sharedAnswers(): Record<string, Answer> {
  return Object.fromEntries(
    Object.entries(shared).map(([name, problems]) => [
      name,
      { ...answerOf(problems), 'x-status': problems[0]!.status },
    ]),
  );
}

/** The refusals of an operation, by status. */
export function problemAnswers(
  method: Method,
  operation: ApiOperationDescription,
  hasParameters: boolean,
): Record<string, Answer | Reference> {
  const own = Map.groupBy(operation.problems, ({ status }) => status);
  const names = [
    'BadRequest',
    ...(operation.open ? [] : ['Unauthorized']),
    'Timeout',
    'TooLarge',
    'UnsupportedMediaType',
    'ExpectationFailed',
    'HeadersTooLarge',
    ...(isPage(operation) ? [] : [hasParameters || method !== 'get' ? 'InvalidInput' : 'UnknownField']),
    'InternalError',
    'Unavailable',
  ];
  return {
    ...Object.fromEntries([...own].map(([status, problems]) => [status, answerOf(problems)])),
    ...Object.fromEntries(names.map((name) => [shared[name]![0]!.status, { $ref: `#/components/responses/${name}` }])),
  };
}

function isPage({ mediaType }: ApiOperationDescription): boolean {
  return mediaType === 'text/html';
}

/** One status; where several codes come with it, one line and one example for each. */
function answerOf(problems: readonly ApiProblem[]): Answer {
  const [{ status }] = problems as [ApiProblem];
  const headers = headersWith[status];
  return {
    description: problems.map(({ code, when }) => `- \`${code}\`: ${when}`).join('\n'),
    ...(headers && { headers }),
    content: {
      'application/json': {
        schema: withCodes(problems.map(({ code }) => code)),
        examples: Object.fromEntries(
          problems.map(({ code, message, field }) => [code, { value: { code, message, ...(field && { field }) } }]),
        ),
      },
    },
  };
}

function withCodes(codes: readonly string[]): JsonSchema {
  return {
    $ref: '#/components/schemas/Problem',
    type: 'object',
    properties: { code: { type: 'string', enum: [...codes] } },
  };
}

const headersWith: Readonly<Record<number, Answer['headers']>> = {
  401: {
    'WWW-Authenticate': {
      description: 'The way to authenticate.',
      required: true,
      schema: { type: 'string', const: 'Bearer' },
    },
  },
  405: {
    Allow: {
      description: 'The methods that the address has.',
      required: true,
      schema: { type: 'string', examples: ['GET, PUT'] },
    },
  },
  503: {
    'Retry-After': {
      description: 'Seconds to wait.',
      required: true,
      schema: { type: 'string', pattern: '^\\d+$', examples: ['30'] },
    },
  },
};
