import { ConsoleLogger, type LogLevel } from '@nestjs/common';

const LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

/** What the framework tells of its own start, line by line; of interest to whoever debugs it. */
const FRAMEWORK = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication']);

/**
 * The log on the console: the given level and everything graver, colours only for a person at a terminal. A line of it
 * begins with the product's name, and nothing that was sent to us can begin one: line breaks and other control
 * characters stand as `\n` or `\x1b`, and what follows a stack's first line is indented.
 */
export class ConsoleLog extends ConsoleLogger {
  constructor(level: LogLevel) {
    super({
      prefix: 'Answerback',
      colors: process.stdout.isTTY ?? false,
      logLevels: LEVELS.slice(0, LEVELS.indexOf(level) + 1),
    });
  }

  /** In UTC, whatever the machine's clock shows. */
  protected override getTimestamp(): string {
    return new Date().toISOString();
  }

  protected override stringifyMessage(message: unknown, level: LogLevel): string {
    return super.stringifyMessage(typeof message === 'string' ? oneLine(message) : message, level);
  }

  protected override printStackTrace(stack: string): void {
    super.printStackTrace(
      stack
        ?.split(/\r\n|[\n\r\u2028\u2029]/)
        .map(oneLine)
        .join('\n    '),
    );
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    const frameworkOnly = typeof context === 'string' && FRAMEWORK.has(context);
    if (!frameworkOnly || this.isLevelEnabled('debug')) {
      super.log(message, ...rest);
    }
  }
}

/** What ends a line in some reader, what a terminal obeys, and what turns the direction of reading. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    return character === '\n' ? '\\n' : code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
