import { Controller, Get, Header, HttpCode, Injectable, Logger, Res } from '@nestjs/common';
import type { Response } from 'express';

/** Answers null when all is well, else what is wrong, in words. */
export type HealthCheck = () => Promise<string | null> | string | null;

/** What must be well for this process to be sent work. Rooms register what they know about. */
@Injectable()
export class HealthChecks {
  private readonly checks = new Map<string, HealthCheck>();

  register(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  async results(): Promise<Record<string, string>> {
    const entries = [...this.checks].map(async ([name, check]) => [name, (await outcomeOf(check)) ?? OK] as const);
    return Object.fromEntries(await Promise.all(entries));
  }
}

const OK = 'ok';

/** What exactly failed is for the log: this page is open to everybody. */
async function outcomeOf(check: HealthCheck): Promise<string | null> {
  try {
    return await within(PATIENCE_MS, check());
  } catch (error) {
    logger.warn((error as Error).message);
    return 'The check failed; the log says why.';
  }
}

const PATIENCE_MS = 5_000;

/** What hangs must not make the page hang. */
async function within(milliseconds: number, check: ReturnType<HealthCheck>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`No answer within ${milliseconds / 1000} s.`), milliseconds);
  });
  try {
    return await Promise.race([check, patience]);
  } finally {
    clearTimeout(timer);
  }
}

const logger = new Logger('Health');

/** For whoever starts, stops and balances processes. */
@Controller('health')
export class HealthController {
  constructor(private readonly checks: HealthChecks) {}

  @Get('live')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  live(): { status: string } {
    return { status: OK };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  async ready(@Res() response: Response): Promise<void> {
    const checks = await this.checks.results();
    const ready = Object.values(checks).every((outcome) => outcome === OK);
    response.status(ready ? 200 : 503).json({ status: ready ? OK : 'not ready', checks });
  }
}
