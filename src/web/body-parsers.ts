import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { audienceOf, isReceiverCall } from './audience.js';
import { Problem } from './problem.js';

/** 10,000 emoji in a comment are 120,000 bytes percent-encoded; this leaves room without inviting floods. */
const LIMIT = '1mb';
const MOST_PARAMETERS = 200;

/**
 * The API reads JSON and nothing else, pages read forms and nothing else. What comes in another type is refused
 * rather than taken as empty. The receiver's calls pass unread: it keeps their very bytes.
 */
export function bodyParsers(): RequestHandler {
  const json = accepting('application/json', express.json({ strict: true, limit: LIMIT }));
  const form = accepting(
    'application/x-www-form-urlencoded',
    express.urlencoded({ extended: false, limit: LIMIT, parameterLimit: MOST_PARAMETERS }),
  );
  return (request, response, next) => {
    if (isReceiverCall(request)) {
      next();
      return;
    }
    (audienceOf(request) === 'api' ? json : form)(request, response, next);
  };
}

function accepting(type: string, parser: RequestHandler) {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (hasBody(request) && !request.is(type)) {
      throw new Problem(415, 'unsupported_media_type', `Send the body as ${type}.`);
    }
    void parser(request, response, next);
  };
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
