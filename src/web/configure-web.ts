import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import type { Environment } from '../config/environment.js';
import { Keyring } from '../config/keyring.js';
import type { DatabasePool } from '../database/database-pool.js';
import { bodyParsers } from './body-parsers.js';
import { refuseForgedForms } from './csrf.js';
import { ErrorsFilter } from './errors.filter.js';
import { refuseMalformedAddress } from './malformed-address.js';
import { answerMalformedRequests, refuseMalformedRequest } from './malformed-requests.js';
import { notFound } from './problem.js';
import { securityHeaders } from './security-headers.js';
import { sessions } from './sessions.js';
import { configureViews } from './views.js';

/**
 * Everything a request passes before it reaches a controller, in this order. Create the application with
 * `bodyParser: false` and call this before it listens.
 */
export function configureWeb(app: NestExpressApplication, environment: Environment, database: DatabasePool): void {
  const https = environment.baseUrl.startsWith('https:');
  app.set('trust proxy', environment.trustedProxies.length > 0 ? [...environment.trustedProxies] : false);
  app.disable('x-powered-by');
  tellUpperFromLowerCase(app);
  app.useGlobalFilters(new ErrorsFilter());

  const headers = securityHeaders({ https });
  answerMalformedRequests(app.getHttpServer(), headers);
  app.use(headers);
  app.use(keepOutOfCaches);
  app.use(refuseMalformedRequest);
  app.use(refuseMalformedAddress);
  if (!environment.roles.web) {
    app.use(answerMachinesOnly);
  }
  configureViews(app);
  app.use(bodyParsers());
  app.use(sessions({ https, keyring: app.get(Keyring), pool: database.pool, server: app.getHttpServer() }));
  app.use(refuseForgedForms(environment.baseUrl));
}

/**
 * Whom an address is for is read from its path, which must therefore have one spelling. Nest's adapter has
 * made the router already, so that express's "case sensitive routing" would come too late.
 */
function tellUpperFromLowerCase(app: NestExpressApplication): void {
  const express = app.getHttpAdapter().getInstance();
  const { router } = express as unknown as { router: { caseSensitive: boolean } };
  router.caseSensitive = true;
}

/** Whatever is not an asset, which says otherwise itself, is somebody's: it must not stay on a shared machine. */
function keepOutOfCaches(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}

function answerMachinesOnly(request: Request, _response: Response, next: NextFunction): void {
  if (!request.path.startsWith('/health/') && request.path !== '/metrics') {
    throw notFound('This process only delivers; the page');
  }
  next();
}
