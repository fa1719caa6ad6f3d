import { inspect } from 'node:util';
import type { LogLevel } from '@nestjs/common';
import type { z } from 'zod';
import { quoted } from './accepted-values.js';
import { environmentSchema, wordsFor } from './environment-schema.js';

/**
 * The environment as the application uses it, and the token it is injected by:
 * `constructor(private readonly environment: Environment)`. A test that wants another one reads other variables.
 */
export abstract class Environment {
  abstract readonly port: number;
  /** Without a trailing slash. */
  abstract readonly baseUrl: string;
  abstract readonly databaseUrl: string | undefined;
  /** Absolute. */
  abstract readonly dataDir: string;
  abstract readonly roles: { readonly web: boolean; readonly delivery: boolean };
  /** For Keyring.fromSource; a file's path is absolute. Never undefined together with a databaseUrl. */
  abstract readonly encryptionKeys: string | undefined;
  abstract readonly adminEmail: string;
  abstract readonly adminPassword: string | undefined;
  abstract readonly apiKey: string | undefined;
  /** `address/prefix`, both IP versions. */
  abstract readonly deliveryAllowedNetworks: readonly string[];
  /** Seconds; one automatic attempt more than there are entries. */
  abstract readonly surveyRetryWaits: readonly number[];
  abstract readonly deliveryRetentionDays: number;
  abstract readonly replyRetentionDays: number;
  abstract readonly metricsToken: string | undefined;
  /** Of OpenTelemetry's collector, without a trailing slash. */
  abstract readonly otlpEndpoint: string | undefined;
  /** The mail server and the address that mails come from; null when none are sent. */
  abstract readonly mail: { readonly smtpUrl: string; readonly from: string } | null;
  /** For express's "trust proxy". */
  abstract readonly trustedProxies: readonly string[];
  abstract readonly logLevel: Extract<LogLevel, 'error' | 'warn' | 'log' | 'debug' | 'verbose'>;
}

/** The only reader of process.env. @throws BadEnvironment with every problem there is. */
export function readEnvironment(variables: GivenVariables = process.env): Environment {
  const given = givenVariables(variables);
  const read = environmentSchema.safeParse(given);
  if (!read.success) throw new BadEnvironment(problemsIn(given, read.error.issues));

  const values = read.data;
  return hideSecretsFromLogs({
    port: values.PORT,
    baseUrl: values.BASE_URL ?? localAddress(values.PORT),
    databaseUrl: values.DATABASE_URL,
    dataDir: values.DATA_DIR,
    roles: values.PROCESS,
    encryptionKeys: values.ENCRYPTION_KEYS,
    adminEmail: values.ADMIN_EMAIL,
    adminPassword: values.ADMIN_PASSWORD,
    apiKey: values.API_KEY,
    deliveryAllowedNetworks: values.DELIVERY_ALLOWED_NETWORKS ?? [],
    surveyRetryWaits: values.SURVEY_RETRY_WAITS,
    deliveryRetentionDays: values.DELIVERY_RETENTION_DAYS,
    replyRetentionDays: values.REPLY_RETENTION_DAYS,
    metricsToken: values.METRICS_TOKEN,
    otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    mail: mailIn(values),
    trustedProxies: values.TRUSTED_PROXIES ?? [],
    logLevel: values.LOG_LEVEL,
  });
}

/** One line per problem: the variable, what it got, what it wants. */
export class BadEnvironment extends Error {
  override readonly name = 'BadEnvironment';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** The resolved configuration for the log, by variable. Secrets are yes or no. */
export function describeEnvironment(environment: Environment): Record<string, string> {
  return {
    PORT: String(environment.port),
    BASE_URL: environment.baseUrl,
    DATABASE_URL: describeDatabase(environment.databaseUrl),
    DATA_DIR: environment.dataDir,
    PROCESS: (['web', 'delivery'] as const).filter((role) => environment.roles[role]).join(','),
    ENCRYPTION_KEYS: yesOrNo(environment.encryptionKeys),
    ADMIN_EMAIL: environment.adminEmail,
    ADMIN_PASSWORD: yesOrNo(environment.adminPassword),
    API_KEY: yesOrNo(environment.apiKey),
    DELIVERY_ALLOWED_NETWORKS: environment.deliveryAllowedNetworks.join(',') || 'none',
    SURVEY_RETRY_WAITS: environment.surveyRetryWaits.join(',') || 'none',
    DELIVERY_RETENTION_DAYS: String(environment.deliveryRetentionDays),
    REPLY_RETENTION_DAYS: String(environment.replyRetentionDays),
    METRICS_TOKEN: yesOrNo(environment.metricsToken),
    OTEL_EXPORTER_OTLP_ENDPOINT: environment.otlpEndpoint ?? 'not set',
    SMTP_URL: environment.mail === null ? 'no' : `yes (${new URL(environment.mail.smtpUrl).host})`,
    MAIL_FROM: environment.mail?.from ?? 'not set',
    TRUSTED_PROXIES: environment.trustedProxies.join(',') || 'none',
    LOG_LEVEL: environment.logLevel,
  };
}

/**
 * With PORT=0 the port is known only once the server listens: call this then. It changes the environment in place,
 * because whoever builds a link holds that object already.
 */
export function settlePort(environment: Environment, port: number): void {
  const changeable: { -readonly [Key in keyof Environment]: Environment[Key] } = environment;
  if (environment.baseUrl === localAddress(environment.port)) changeable.baseUrl = localAddress(port);
  changeable.port = port;
}

type GivenVariables = Record<string, string | undefined>;

/** What the schema knows, without the variables that are set to nothing (`PORT=` in an .env file). */
function givenVariables(variables: GivenVariables): GivenVariables {
  const isGiven = (name: string) => variables[name] !== '' || wordsFor(name).empty !== undefined;
  const names = Object.keys(environmentSchema.shape).filter(isGiven);
  return Object.fromEntries(names.map((name) => [name, variables[name]]));
}

/** Each once: a list with two bad entries has two issues, which may read the same. */
function problemsIn(given: GivenVariables, issues: readonly z.core.$ZodIssue[]): string[] {
  return [...new Set(issues.map((issue) => problemIn(given, issue)))];
}

function problemIn(given: GivenVariables, issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0]);
  const { wants, example, secret } = wordsFor(name);
  const value = given[name];
  const got = value === undefined ? 'nothing' : secret ? '(hidden)' : quoted(value);
  // zod's own messages speak of types; ours are clauses that follow the value.
  const detail = issue.code === 'custom' ? `, ${issue.message}` : '';
  return `${name}: got ${got}${detail}; wants ${wants}, such as ${example}.`;
}

function mailIn(values: z.infer<typeof environmentSchema>): Environment['mail'] {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, BASE_URL: baseUrl } = values;
  return smtpUrl === undefined
    ? null
    : { smtpUrl, from: from ?? `answerback@${new URL(baseUrl ?? localAddress(values.PORT)).hostname}` };
}

function localAddress(port: number): string {
  return new URL(`http://localhost:${port}`).origin;
}

/** Host and database only: the user, the password and the parameters (which may hold a password too) stay out. */
function describeDatabase(databaseUrl: string | undefined): string {
  if (databaseUrl === undefined) return 'no';
  const { host, pathname } = new URL(databaseUrl);
  return `yes (${host}${pathname})`;
}

function yesOrNo(secret: string | undefined): string {
  return secret === undefined ? 'no' : 'yes';
}

/** Whoever logs the whole object, or an object that holds it, logs its description. */
function hideSecretsFromLogs(environment: Environment): Environment {
  const describe = { value: () => describeEnvironment(environment) };
  return Object.defineProperties(environment, { toJSON: describe, [inspect.custom]: describe });
}
