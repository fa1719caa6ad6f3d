import type { Request } from 'express';
import { audienceOf } from './audience.js';
import { portalPage, type PortalRequest } from './portal-page.js';
import type { Problem } from './problem.js';

const titles: Record<number, string> = {
  400: 'This cannot be understood',
  403: 'Not done',
  404: 'Not found',
  405: 'This cannot be done here',
  409: 'Not now',
  413: 'Too large',
  429: 'Too many at once',
  500: 'Something went wrong',
  503: 'Not available at the moment',
};

/** The page a person sees. A customer gets the survey's plain one, which leads nowhere into the portal. */
export function errorPage(problem: Problem, request: Request): { view: string; data: object } {
  const { message } = problem;
  const status = problem.getStatus();
  const title = titles[status] ?? 'This did not work';
  if (audienceOf(request) === 'survey') {
    return { view: 'answering/unavailable', data: { title, message, hint: hintFor(request), language: ENGLISH } };
  }
  return { view: 'errors/error', data: { ...frame(request, title), title, message, status } };
}

const ENGLISH = { code: 'en', direction: 'ltr' };

function hintFor(request: Request): string {
  return request.method === 'POST' ? 'To keep what you wrote, go back in your browser and send it again.' : '';
}

/** Navigation only for whom the guard has found: asking now might be what fails. */
function frame(request: Request & PortalRequest, title: string): object {
  return request.member && request.session ? portalPage(request, title, null) : {};
}
