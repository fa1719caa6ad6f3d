import { createHash, timingSafeEqual } from 'node:crypto';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Environment } from '../config/environment.js';
import { Metrics } from './metrics.js';
import { notFound, Problem } from './problem.js';

/** For Prometheus, which shows METRICS_TOKEN; without one in the environment there is no such page. */
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly environment: Environment,
    private readonly metrics: Metrics,
  ) {}

  @Get()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { metricsToken } = this.environment;
    if (metricsToken === undefined) {
      throw notFound('This page');
    }
    if (!isSame(request.headers.authorization ?? '', `Bearer ${metricsToken}`)) {
      throw new Problem(401, 'invalid_token', 'Send the token of METRICS_TOKEN: "Authorization: Bearer <token>".');
    }
    // Only now: an error has a type of its own.
    response.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }
}

/** Takes as long whatever is given. */
function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
