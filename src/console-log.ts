import { ConsoleLogger, type LogLevel } from '@nestjs/common';

const LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

/** What the framework tells of its own start, line by line; of interest to whoever debugs it. */
const FRAMEWORK = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication']);

/** The log on the console: the given level and everything graver, colours only for a person at a terminal. */
export class ConsoleLog extends ConsoleLogger {
  constructor(level: LogLevel) {
    super({
      prefix: 'Answerback',
      colors: process.stdout.isTTY ?? false,
      logLevels: LEVELS.slice(0, LEVELS.indexOf(level) + 1),
    });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    const frameworkOnly = typeof context === 'string' && FRAMEWORK.has(context);
    if (!frameworkOnly || this.isLevelEnabled('debug')) {
      super.log(message, ...rest);
    }
  }
}
