import 'reflect-metadata';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import {
  BadEnvironment,
  describeEnvironment,
  readEnvironment,
  settlePort,
  type Environment,
} from './config/environment.js';
import { ConsoleLog } from './console-log.js';
import { errorCode } from './database/system-error.js';
import { DatabasePool } from './database/database-pool.js';
import { prepareFirstStart, demoSurveyLink, type FirstStart } from './first-start.js';
import { CannotStart, settleGround, type SettledGround } from './ground.js';
import { configureWeb } from './web/configure-web.js';

/** After this, what still hangs is left behind: with stopping PostgreSQL it stays within 20 s. */
const PATIENCE_MS = 16_500;

interface Running {
  ground?: SettledGround;
  app?: NestExpressApplication;
}

await main();

async function main(): Promise<void> {
  const running: Running = {};
  const stopped = stopOnSignals(running);
  endOnFaults(running);
  try {
    await start(running, stopped);
  } catch (error) {
    explain(error);
    await stop(running);
    process.exit(1);
  }
}

/** Each step may be the last: a signal that comes while we start ends the start after the step it came in. */
async function start(running: Running, stopped: StopSignal): Promise<void> {
  const environment = readEnvironment();
  const logger = new ConsoleLog(environment.logLevel);
  const say = (line: string) => logger.log(line, 'Start');
  if (environment.port === 0) {
    settlePort(environment, await freePort());
  }
  say(`Configuration: ${JSON.stringify(describeEnvironment(environment))}`);

  running.ground = await settleGround(environment, say);
  if (stopped.requested) {
    return stopped.finish();
  }
  running.app = await NestFactory.create<NestExpressApplication>(AppModule.with(running.ground), {
    bodyParser: false,
    forceCloseConnections: true,
    abortOnError: false,
    logger,
  });
  configureWeb(running.app, environment, running.app.get(DatabasePool));
  const first = environment.roles.web ? await prepareFirstStart(running.app) : null;
  await running.app.listen(environment.port);
  if (stopped.requested) {
    return stopped.finish();
  }
  stopped.started = true;
  if (environment.roles.web) {
    print(await welcome(running.app, environment, first));
  }
  say(`Answerback listens on port ${environment.port}. Press Ctrl-C to stop it.`);
}

interface StopSignal {
  requested: boolean;
  started: boolean;
  finish(): Promise<void>;
}

/** Ctrl-C and SIGTERM end the application first and PostgreSQL last. Both may come twice, from npm and from the terminal. */
function stopOnSignals(running: Running): StopSignal {
  const signal: StopSignal = {
    requested: false,
    started: false,
    finish: async () => {
      await stop(running);
      process.exit(0);
    },
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!signal.requested) {
        signal.requested = true;
        if (signal.started) {
          void signal.finish();
        }
      }
    });
  }
  return signal;
}

/** A fault that nobody caught leaves the process in doubt: it ends, and takes PostgreSQL with it. */
function endOnFaults(running: Running): void {
  for (const name of ['uncaughtException', 'unhandledRejection'] as const) {
    process.once(name, (error: unknown) => void endAfter(error, running));
  }
}

async function endAfter(error: unknown, running: Running): Promise<void> {
  new Logger('Fault').error(error instanceof Error ? error.stack : String(error));
  await stop(running);
  process.exit(1);
}

async function stop({ app, ground }: Running): Promise<void> {
  const logger = new Logger('Stop');
  logger.log('Stopping: calls under way finish first.');
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([app?.close().catch((error: Error) => logger.error(error.message)), patience]);
  clearTimeout(timer);
  await ground?.leave().catch((error: Error) => logger.error(error.message));
  logger.log('Stopped.');
}

function explain(error: unknown): void {
  process.stderr.write(`Answerback did not start.\n${wordsOf(error)}\n`);
}

function wordsOf(error: unknown): string {
  if (error instanceof BadEnvironment || error instanceof CannotStart) {
    return error.message;
  }
  if (errorCode(error) === 'EADDRINUSE') {
    return `PORT: ${(error as { port?: number }).port} is in use by another program. Stop it, or set PORT to another number.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function welcome(
  app: NestExpressApplication,
  environment: Environment,
  first: FirstStart | null,
): Promise<string> {
  const link = await demoSurveyLink(app);
  const lines = [`Portal         ${environment.baseUrl}/`];
  if (first) {
    lines.push(`E-mail         ${environment.adminEmail}`);
    lines.push(
      `Password       ${first.password ?? 'as given in ADMIN_PASSWORD'}${first.password ? '   (shown once)' : ''}`,
    );
    lines.push(`API key        ${first.apiKey ?? 'as given in API_KEY'}${first.apiKey ? '   (shown once)' : ''}`);
  }
  if (link) {
    lines.push(`A survey       ${link}`);
  }
  lines.push(`Receiver       ${environment.baseUrl}/receiver`);
  return `\n${lines.map((line) => `  ${line}`).join('\n')}\n\n`;
}

function print(text: string): void {
  process.stdout.write(text);
}
