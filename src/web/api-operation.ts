import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';
import type { ApiProblem } from './api-problems.js';
import { nothing } from './parse.js';

/** What an operation of the JSON API takes and answers: the schemas that read a request, and the words around them. */
export interface ApiOperationDescription<
  Answer extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  /** Never changes: generated clients name their functions after it. */
  id: string;
  summary: string;
  /** CommonMark. */
  description?: string;
  /** Needs no API key. */
  open?: boolean;
  /** An object with the parameters in the path. */
  path?: z.ZodType;
  /** What the action reads its query and its body by; `nothing` for what it does not take. */
  query: Query;
  body: Body;
  bodyExample?: z.input<Body>;
  /** What each status of a success says. */
  successes: Readonly<Record<number, string>>;
  /** What every success answers. */
  answer: Answer;
  example: z.output<Answer>;
  /** Default: application/json. */
  mediaType?: string;
  /** Its own refusals, beside those that every operation has. */
  problems: readonly ApiProblem[];
}

type Given<Answer extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> = Omit<
  ApiOperationDescription<Answer, Query, Body>,
  'query' | 'body' | 'problems'
> &
  Partial<Pick<ApiOperationDescription<Answer, Query, Body>, 'query' | 'body' | 'problems'>>;

/** Describes an operation; what is left out it does not have. */
export function apiOperation<
  Answer extends z.ZodType,
  Query extends z.ZodType = typeof nothing,
  Body extends z.ZodType = typeof nothing,
>(given: Given<Answer, Query, Body>): ApiOperationDescription<Answer, Query, Body> {
  return {
    problems: [],
    ...given,
    query: given.query ?? (nothing as z.ZodType as Query),
    body: given.body ?? (nothing as z.ZodType as Body),
  };
}

export const API_OPERATION = 'api operation';
export const API_SECTION = 'api section';

/** On a route of the API. It compiles only where the route answers what the description says. */
export function ApiOperation<Answer extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  description: ApiOperationDescription<Answer, Query, Body>,
) {
  return <Method extends (...args: never[]) => Promise<z.output<Answer>>>(
    controller: object,
    name: string | symbol,
    route: TypedPropertyDescriptor<Method>,
  ): void => {
    SetMetadata(API_OPERATION, description)(controller, name, route);
  };
}

/** A chapter of the description. */
export interface ApiSectionDescription {
  name: string;
  description: string;
}

/** On a controller of the API: the chapter that its operations stand in. */
export const ApiSection = (section: ApiSectionDescription) => SetMetadata(API_SECTION, section);
