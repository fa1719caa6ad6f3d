import { HttpException } from '@nestjs/common';
import { Problem } from './problem.js';

/** What an error says to whoever made the request; null for an error that is ours alone. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) {
    return error;
  }
  if (error instanceof HttpException) {
    return bodyProblem(error.cause) ?? httpProblem(error);
  }
  return isUnavailable(error) ? unavailable() : null;
}

/** By the types that body-parser gives its errors. */
function bodyProblem(error: unknown): Problem | null {
  const { type, message } = Object(error) as { type?: unknown; message?: string };
  switch (type) {
    case 'entity.parse.failed':
      return new Problem(400, 'invalid_json', `The body is not valid JSON: ${message}`);
    case 'entity.too.large':
      return new Problem(413, 'too_large', 'The body is larger than 1 MB.');
    case 'parameters.too.many':
      return new Problem(413, 'too_many_parameters', 'The form has too many fields.');
    case 'charset.unsupported':
      return new Problem(415, 'unsupported_charset', 'The body is in an unknown character set. Send it in UTF-8.');
    case 'encoding.unsupported':
      return new Problem(415, 'unsupported_encoding', 'The body is compressed in an unknown way. Send it as it is.');
    default:
      return null;
  }
}

const codes: Record<number, string> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  409: 'conflict',
  413: 'too_large',
  415: 'unsupported_media_type',
  422: 'invalid_field',
  429: 'too_many_requests',
};

/** Nest's own exceptions. One of 500 and more is ours alone, whatever it says. */
function httpProblem(error: HttpException): Problem | null {
  const status = error.getStatus();
  if (status >= 500) {
    return null;
  }
  // Nest's words repeat the address, of which a survey's is its key.
  const message = status === 404 ? 'There is nothing at this address.' : error.message;
  return new Problem(status, codes[status] ?? 'bad_request', message);
}

function unavailable(): Problem {
  return new Problem(
    503,
    'unavailable',
    'The database cannot be reached or written at the moment. Try again in a minute.',
  );
}

const NETWORK_CODES =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/**
 * Connection lost or not let in, server starting or stopping, read only (a standby), out of disk, memory or
 * connections, I/O error; and what a repeated request cures: serialisation failure and deadlock.
 */
const SQL_STATES = /^(08...|28...|3D000|57P0.|25006|53...|58030|40001|40P01)$/;
/** The driver gives these no code. */
const DRIVER_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|is not queryable|Cannot use a pool after calling end/;

/** Whether PostgreSQL is what failed. MikroORM wraps the driver's error and copies its code. */
function isUnavailable(error: unknown, depth = 0): boolean {
  const { code, message, cause } = Object(error) as { code?: unknown; message?: unknown; cause?: unknown };
  return (
    NETWORK_CODES.test(String(code)) ||
    SQL_STATES.test(String(code)) ||
    DRIVER_MESSAGES.test(String(message)) ||
    (cause !== undefined && depth < 5 && isUnavailable(cause, depth + 1))
  );
}
