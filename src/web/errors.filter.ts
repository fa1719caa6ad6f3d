import { randomBytes } from 'node:crypto';
import { Catch, Logger, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { allowedMethods } from './allowed-methods.js';
import { audienceOf } from './audience.js';
import { errorPage } from './error-page.js';
import { problemOf } from './error-problem.js';
import { SIGN_IN_PATH, localPath } from './local-path.js';
import { Problem, SignInNeeded } from './problem.js';

/** Answers whatever went wrong: programs in JSON, people with a page. */
@Catch()
export class ErrorsFilter implements ExceptionFilter {
  private readonly logger = new Logger('Errors');

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const problem = this.problemFor(error, request, response);
    if (response.headersSent) {
      abort(response);
    } else {
      this.answer(problem, request, response);
    }
  }

  private problemFor(error: unknown, request: Request, response: Response): Problem {
    const methods = isUnknownRoute(error) ? allowedMethods(request) : [];
    if (methods.length > 0) {
      response.setHeader('Allow', methods.join(', '));
      return new Problem(405, 'method_not_allowed', `This address answers ${methods.join(', ')} only.`);
    }
    const problem = problemOf(error);
    if (problem?.code === 'unavailable') {
      this.logger.warn(`${request.method}: the database is unavailable: ${(error as Error).message}`);
    }
    if (problem && isRefusal(problem)) {
      this.logger.warn(`Refused: ${request.method} ${routeOf(request)} (${problem.code}), ${whoseIs(request)}`);
    }
    return problem ?? this.unexpected(error, request);
  }

  /** The reference joins what a person was shown with what the log says. The address is not logged: it may be a key. */
  private unexpected(error: unknown, request: Request): Problem {
    const reference = randomBytes(5).toString('hex');
    const stack = error instanceof Error ? error.stack : String(error);
    this.logger.error(`Reference ${reference}: ${request.method} failed unexpectedly.`, stack);
    const message = `Something went wrong on our side. The log tells more under the reference ${reference}.`;
    return new Problem(500, 'internal_error', message);
  }

  private answer(problem: Problem, request: Request, response: Response): void {
    response.status(problem.getStatus());
    addHints(problem, request, response);
    if (!wantsPage(request)) {
      response.json(asJson(problem));
    } else if (problem instanceof SignInNeeded) {
      const returnTo = localPath(problem.returnTo);
      response.redirect(303, SIGN_IN_PATH + (returnTo === '/' ? '' : `?returnTo=${encodeURIComponent(returnTo)}`));
    } else {
      this.render(problem, request, response);
    }
  }

  private render(problem: Problem, request: Request, response: Response): void {
    const { view, data } = errorPage(problem, request);
    response.render(view, data, (error: Error | null, html?: string) => {
      if (error) {
        this.logger.error('The error page itself cannot be shown.', error.stack);
        response.type('text').send(problem.message);
      } else {
        response.send(html);
      }
    });
  }
}

/** No route took it; a Problem of a controller is another matter. */
function isUnknownRoute(error: unknown): boolean {
  return error instanceof NotFoundException && !(error instanceof Problem);
}

/** Who was here has no right to it, or what they showed for it opens nothing. */
function isRefusal(problem: Problem): boolean {
  return problem.getStatus() === 403 || problem.code === 'invalid_api_key';
}

/** As the router knows it: the address itself may be a key. */
function routeOf(request: Request): string {
  const { route } = request as { route?: { path: unknown } };
  return typeof route?.path === 'string' ? route.path : `an address of the ${audienceOf(request)}`;
}

/** The session says who it was, also where no guard has asked yet. */
function whoseIs({ user, ip }: Request): string {
  return `${user ? `member ${user.memberId}` : 'nobody signed in'}, from ${ip}`;
}

function wantsPage(request: Request): boolean {
  const audience = audienceOf(request);
  return (audience === 'portal' || audience === 'survey') && request.accepts(['html', 'json']) === 'html';
}

function asJson({ code, message, fields }: Problem) {
  const [first] = fields;
  return { code, message, ...(first?.field && { field: first.field }), ...(fields.length > 1 && { fields }) };
}

function addHints(problem: Problem, request: Request, response: Response): void {
  if (problem.getStatus() === 401 && audienceOf(request) === 'api') {
    response.setHeader('WWW-Authenticate', 'Bearer');
  }
  if (problem.getStatus() === 503) {
    response.setHeader('Retry-After', '30');
  }
}

/** Half an answer must not look like a whole one. One that is whole already has been sent. */
function abort(response: Response): void {
  if (!response.writableEnded) {
    response.destroy();
  }
}
