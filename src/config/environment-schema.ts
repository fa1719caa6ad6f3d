import { z } from 'zod';
import * as accepted from './accepted-values.js';

/** What a variable is for, in words: `docs/configuration.md` and the refusals are made of them. */
export interface SettingWords {
  /** What it causes, as sentences. */
  causes: string;
  /** What it accepts, as a noun phrase. */
  wants: string;
  example: string;
  /** What holds when it is not set and the schema has no default of its own. */
  unset?: string;
  /** What an empty value means; for all others it means "not set". */
  empty?: string;
  secret?: boolean;
}

/** @throws when a variable was added to the schema without words. */
export function wordsFor(name: string): SettingWords {
  const settings: Record<string, z.ZodType> = environmentSchema.shape;
  const schema = settings[name];
  const words = schema && settingWords.get(schema);
  if (!words) throw new Error(`${name} is not described: register its words in src/config/environment-schema.ts.`);
  return words;
}

const settingWords = z.registry<SettingWords>();

const MAKE_A_KEY = `node -p "'k1:' + require('node:crypto').randomBytes(32).toString('base64')"`;

/** Every variable the application reads, by name. Field names and defaults of the result: `environment.ts`. */
export const environmentSchema = z
  .object({
    PORT: accepted.wholeNumber(0, 65_535).prefault('3000').register(settingWords, {
      causes: 'The port the web pages and the API are served on. With 0 the system picks a free one.',
      wants: 'a whole number from 0 to 65535',
      example: '8080',
    }),
    BASE_URL: accepted.origin.optional().register(settingWords, {
      causes:
        'The address people reach the application at. Survey links and the links in webhook payloads start with it.',
      wants: 'an http or https address without path, query, user name or password',
      example: 'https://answers.example.com',
      unset: '`http://localhost:<PORT>`',
    }),
    DATABASE_URL: accepted.postgresUrl.optional().register(settingWords, {
      causes:
        'The PostgreSQL to use. When it is set, nothing is embedded: run `npm run migrate` before the first start and ' +
        'after an upgrade, and set `ENCRYPTION_KEYS`.',
      wants: 'a postgres:// or postgresql:// URL; in a password, write / ? # @ : % percent-encoded',
      example: 'postgres://answerback:secret@db.example.com:5432/answerback',
      unset: 'not set: the application starts a PostgreSQL of its own in `DATA_DIR`',
      secret: true,
    }),
    DATA_DIR: accepted.folder.prefault('./data').register(settingWords, {
      causes:
        'The folder of the embedded PostgreSQL and of the generated encryption keys. A relative path starts at the ' +
        'folder the application is started in. Keep it: it is all the data.',
      wants: 'a path',
      example: '/var/lib/answerback',
    }),
    PROCESS: accepted.processRoles.prefault('web,delivery').register(settingWords, {
      causes:
        'What this process does: `web` serves pages and the API, `delivery` calls webhooks. Any number of processes of ' +
        'each kind can share one database.',
      wants: 'web, delivery, or both separated by a comma',
      example: 'delivery',
    }),
    ENCRYPTION_KEYS: accepted.keyringSource.optional().register(settingWords, {
      causes:
        'The keys that passwords and tokens in the database are encrypted under. The first one encrypts, all of them ' +
        'decrypt. To rotate, put a new key first, keep the old ones and run `npm run reencrypt`; a file is read again ' +
        `while the application runs. To make a key, run \`${MAKE_A_KEY}\`.`,
      wants:
        'id:base64 entries of 32 bytes each, separated by commas or white space, or file: and the path of a file with them',
      example: 'file:/run/secrets/answerback-keys',
      unset: 'a key generated into `DATA_DIR` at the first start; required with `DATABASE_URL`',
      secret: true,
    }),
    ADMIN_EMAIL: accepted.email.prefault('admin@democorp.example').register(settingWords, {
      causes: 'The e-mail address the first administrator signs in with. Read at the first start only.',
      wants: 'an e-mail address',
      example: 'ada@example.com',
    }),
    ADMIN_PASSWORD: accepted.password.optional().register(settingWords, {
      causes:
        'The password of the first administrator. Read at the first start only, which refuses one that is easy to guess.',
      wants: 'at least 12 characters and at most 72 bytes in UTF-8, without U+0000',
      example: 'replace-me-with-your-own',
      unset: 'generated and printed once',
      secret: true,
    }),
    API_KEY: accepted.apiKey.optional().register(settingWords, {
      causes: 'A key for the JSON API of the first organisation. Read at the first start only.',
      wants: 'at least 32 characters from A-Z, a-z, 0-9, _ and -',
      example: 'replace-me-with-32-or-more-characters',
      unset: 'not set: a key is made and printed once',
      secret: true,
    }),
    DELIVERY_ALLOWED_NETWORKS: accepted.networks.optional().register(settingWords, {
      causes:
        'Networks webhooks may call although they are private, such as an endpoint inside your company. Everybody who ' +
        'may edit a webhook can then reach every machine in them. The built-in receiver needs none.',
      wants: 'IPv4 or IPv6 addresses or networks in CIDR form, separated by commas',
      example: '10.20.0.0/16,fd00:20::/32',
      unset: 'none',
    }),
    SURVEY_RETRY_WAITS: accepted.retryWaits.prefault('300,600,1200,2400').register(settingWords, {
      causes:
        'The waits, in seconds, between the attempts to deliver to the survey webhook: four waits make up to five ' +
        'attempts.',
      wants: 'up to 20 whole numbers from 0 to 2592000 (30 days), separated by commas',
      example: '60,300,3600',
      empty: 'a failed delivery is not tried again',
    }),
    DELIVERY_RETENTION_DAYS: accepted
      .wholeNumber(1, 36_500)
      .prefault('90')
      .register(settingWords, {
        causes:
          'How long deliveries are kept, with their requests, attempts and events, in days. Whole months are dropped, once ' +
          'all of their days are that old; a month with a delivery that is still due stays.',
        wants: 'a whole number from 1 to 36500',
        example: '365',
      }),
    REPLY_RETENTION_DAYS: accepted
      .wholeNumber(1, 36_500)
      .prefault('30')
      .register(settingWords, {
        causes:
          'How long the bodies of replies are kept, in days, by whole months as well. The rest of a reply stays with its ' +
          'delivery.',
        wants: 'a whole number from 1 to 36500',
        example: '90',
      }),
    METRICS_TOKEN: accepted.apiKey.optional().register(settingWords, {
      causes:
        'What Prometheus shows as a Bearer token at `/metrics`. Without it there is no such page, because how much goes ' +
        'on here is nobody else’s business.',
      wants: 'at least 32 characters from A-Z, a-z, 0-9, _ and -',
      example: 'replace-me-with-32-or-more-characters',
      unset: 'no metrics',
      secret: true,
    }),
    OTEL_EXPORTER_OTLP_ENDPOINT: accepted.collector.optional().register(settingWords, {
      causes:
        'Where OpenTelemetry traces are sent, by OTLP over HTTP. A trace follows a submitted survey through its event to ' +
        'every attempt to deliver it.',
      wants: 'the http or https address of a collector, without `/v1/traces`',
      example: 'http://localhost:4318',
      unset: 'no traces',
    }),
    SMTP_URL: accepted.smtpUrl.optional().register(settingWords, {
      causes:
        'The mail server that sends e-mails, such as the news that a webhook was switched off. `smtp://` turns to TLS when ' +
        'the server offers it, and with `?requireTLS=true` sends nothing without; `smtps://` begins with it.',
      wants: 'an smtp:// or smtps:// URL; in a user name or password, write / ? # @ : % percent-encoded',
      example: 'smtp://answerback:secret@mail.example.com:587?requireTLS=true',
      unset: 'no mail is sent; pages say what it would have told',
      secret: true,
    }),
    MAIL_FROM: accepted.email.optional().register(settingWords, {
      causes: 'The address that e-mails come from. The mail server has to accept it.',
      wants: 'an e-mail address',
      example: 'answerback@example.com',
      unset: '`answerback@` and the host of `BASE_URL`',
    }),
    TRUSTED_PROXIES: accepted.proxies.optional().register(settingWords, {
      causes:
        'The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Name your own only: whoever is ' +
        'trusted can claim to be anyone.',
      wants:
        'IPv4 or IPv6 addresses, networks in CIDR form (not /0) and the words loopback, linklocal, uniquelocal, ' +
        'separated by commas',
      example: 'loopback,10.0.0.5',
      unset: 'none',
    }),
    LOG_LEVEL: z.enum(['error', 'warn', 'log', 'debug', 'verbose']).prefault('log').register(settingWords, {
      causes: 'The least important messages that are logged; the more important ones come with them.',
      wants: 'error, warn, log, debug or verbose',
      example: 'warn',
    }),
  })
  .refine((variables) => variables.DATABASE_URL === undefined || variables.ENCRYPTION_KEYS !== undefined, {
    path: ['ENCRYPTION_KEYS'],
    message: `although DATABASE_URL is set (make a key with ${MAKE_A_KEY} and keep it as safe as the database)`,
    // Also when other variables are wrong: one start shows all problems.
    when: () => true,
  });
