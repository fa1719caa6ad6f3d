import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { ApiDescription } from '../../src/api-description/api-description.js';
import { ApiContract } from './api-contract.js';

/**
 * Whatever an application of a test answers under /api is held against its own description. An answer that is not as
 * described fails the test in which it was given, whatever that test looks at.
 */
const mismatches: string[] = [];
const answered = new Set<string>();

afterEach(failOnMismatches);
afterAll(failOnMismatches);

function failOnMismatches(): void {
  const found = takeMismatches();
  if (found.length > 0) {
    throw new Error(`The API answered what its description does not say:\n${found.join('\n')}`);
  }
}

/** What did not match so far, once. */
export function takeMismatches(): string[] {
  return mismatches.splice(0);
}

/** `showDelivery 200`, `showDelivery 404 not_found`: every answer of every operation in this file so far. */
export function answeredSoFar(): ReadonlySet<string> {
  return answered;
}

/** Watches the answers of this application from now on; call it before anything else sees a request. */
export function watchApiAnswers(app: NestExpressApplication): void {
  let contract: ApiContract | undefined;
  app.use((request: Request, response: Response, next: NextFunction) => {
    // Whoever routes the request changes these on the way.
    const { method, path } = request;
    if (/^\/api(\/|$)/.test(path)) {
      whenAnswered(response, (body) => {
        contract ??= new ApiContract(app.get(ApiDescription).document);
        const { statusCode: status } = response;
        const header = (name: string) => response.getHeader(name)?.toString();
        mismatches.push(...contract.mismatches({ method, path, status, header, body }));
        const code = status < 400 ? '' : ` ${/"code":"(\w+)"/.exec(body)?.[1]}`;
        answered.add(`${contract.operationOf({ method, path })?.operationId} ${status}${code}`);
      });
    }
    next();
  });
}

/** Before the answer leaves, so that whoever waits for it finds it checked. */
function whenAnswered(response: Response, tell: (body: string) => void): void {
  const parts: Buffer[] = [];
  const keep = (part: unknown) => {
    if (typeof part === 'string' || part instanceof Uint8Array) {
      parts.push(Buffer.from(part as string));
    }
  };
  const write = response.write.bind(response) as (...given: unknown[]) => boolean;
  const end = response.end.bind(response) as (...given: unknown[]) => Response;
  response.write = (...given: unknown[]) => {
    keep(given[0]);
    return write(...given);
  };
  response.end = (...given: unknown[]) => {
    keep(given[0]);
    tell(Buffer.concat(parts).toString());
    return end(...given);
  };
}
