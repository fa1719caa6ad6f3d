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
import { demoSurveyLink, followBaseUrl, prepareFirstStart, type FirstStart } from './first-start.js';
import { CannotStart, settleGround, type SettledGround } from './ground.js';
import { configureWeb } from './web/configure-web.js';

/** After this, what still hangs is left behind: with stopping PostgreSQL it stays within 20 s. */
const PATIENCE_MS = 16_500;
/** Later than everything that is waited for in good order. */
const LAST_RESORT_MS = 19_500;

interface Running {
  ground?: SettledGround;
  app?: NestExpressApplication;
}

await main();

async function main(): Promise<void> {
  const running: Running = {};
  const stopping = stopOnSignals();
  endOnFaults(running);
  try {
    await start(running, stopping);
    await untilAborted(stopping);
    await stop(running);
    process.exit(0);
  } catch (error) {
    if (!stopping.aborted) {
      explain(error);
    }
    await stop(running);
    process.exit(stopping.aborted ? 0 : 1);
  }
}

/** A signal that comes meanwhile ends the start at the next step, and PostgreSQL's own start at once. */
async function start(running: Running, stopping: AbortSignal): Promise<void> {
  const environment = readEnvironment();
  const log = new ConsoleLog(environment.logLevel);
  Logger.overrideLogger(log);
  const say = (line: string) => log.log(line, 'Start');
  if (environment.port === 0) {
    settlePort(environment, await freePort());
  }
  say(`Configuration: ${JSON.stringify(describeEnvironment(environment))}`);

  running.ground = await settleGround(environment, say, stopping);
  stopping.throwIfAborted();
  running.app = await NestFactory.create<NestExpressApplication>(AppModule.with(running.ground), {
    bodyParser: false,
    forceCloseConnections: true,
    abortOnError: false,
    logger: log,
  });
  configureWeb(running.app, environment, running.app.get(DatabasePool));
  // Before anything is made: whoever could not listen must not have made a password that nobody was shown.
  await running.app.listen(environment.port);
  stopping.throwIfAborted();
  if (environment.roles.web) {
    await welcome(running.app, environment);
  }
  say(`Answerback listens on port ${environment.port}. Press Ctrl-C to stop it.`);
}

/** Ctrl-C and SIGTERM; both may come twice, from npm and from the terminal. The wait is never for ever. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!controller.signal.aborted) {
        controller.abort();
        setTimeout(() => process.exit(1), LAST_RESORT_MS).unref();
      }
    });
  }
  return controller.signal;
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await once(signal, 'abort');
  }
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
  if (!app && !ground) {
    return;
  }
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

/** What was made is shown in the same breath: nobody could find it out later. */
async function welcome(app: NestExpressApplication, environment: Environment): Promise<void> {
  const first = await prepareFirstStart(app);
  const lines = [`Portal         ${environment.baseUrl}/`, ...(first ? accessLines(first, environment) : [])];
  print(`\n${lines.map(indent).join('')}`);
  await followBaseUrl(app);
  const link = await demoSurveyLink(app);
  const pages = [...(link ? [`A survey       ${link}`] : []), `Receiver       ${environment.baseUrl}/receiver`];
  print(`${pages.map(indent).join('')}\n`);
}

function accessLines({ password, apiKey }: FirstStart, { adminEmail }: Environment): string[] {
  return [
    `E-mail         ${adminEmail}`,
    `Password       ${password === null ? 'as given in ADMIN_PASSWORD' : `${password}   (shown once)`}`,
    `API key        ${apiKey === null ? 'as given in API_KEY' : `${apiKey}   (shown once)`}`,
  ];
}

function indent(line: string): string {
  return `  ${line}\n`;
}

function print(text: string): void {
  process.stdout.write(text);
}
