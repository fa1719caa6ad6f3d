import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { inspect } from 'node:util';
import { BadEnvironment, describeEnvironment, readEnvironment, settlePort } from './environment.js';

const key = randomBytes(32).toString('base64');
const secrets = {
  DATABASE_URL: 'postgres://keeper:canary-database@db.example.com:5432/answers?password=canary-parameter',
  ENCRYPTION_KEYS: `k1:${key}`,
  ADMIN_PASSWORD: 'canary-password',
  API_KEY: 'canary-api-key-0123456789-abcdefghij',
  METRICS_TOKEN: 'canary-metrics-0123456789-abcdefghij',
  SMTP_URL: 'smtps://keeper:canary-mail@mail.example.com:465',
};

function problems(variables: Record<string, string>): readonly string[] {
  try {
    readEnvironment(variables);
  } catch (error) {
    if (error instanceof BadEnvironment) return error.problems;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  it('needs no variable', () => {
    expect(readEnvironment({})).toEqual({
      port: 3000,
      baseUrl: 'http://localhost:3000',
      databaseUrl: undefined,
      dataDir: resolve('data'),
      roles: { web: true, delivery: true },
      encryptionKeys: undefined,
      adminEmail: 'admin@democorp.example',
      adminPassword: undefined,
      apiKey: undefined,
      deliveryAllowedNetworks: [],
      surveyRetryWaits: [300, 600, 1200, 2400],
      deliveryRetentionDays: 90,
      replyRetentionDays: 30,
      metricsToken: undefined,
      otlpEndpoint: undefined,
      mail: null,
      trustedProxies: [],
      logLevel: 'log',
    });
  });

  it('takes every variable', () => {
    const environment = readEnvironment({
      ...secrets,
      PORT: '8080',
      BASE_URL: 'HTTPS://Answers.Example.com:443/',
      DATA_DIR: '/var/lib/answerback/',
      PROCESS: 'delivery, web',
      ADMIN_EMAIL: ' ada@example.com ',
      DELIVERY_ALLOWED_NETWORKS: '10.0.0.0/8, 192.168.1.7,fd00::/8,::1',
      SURVEY_RETRY_WAITS: '0, 60,2592000',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://Collector.example:4318/otlp//',
      MAIL_FROM: 'answerback@example.com',
      TRUSTED_PROXIES: 'loopback,10.0.0.5,FD00::/8,64:ff9b::1.2.3.4',
      LOG_LEVEL: 'verbose',
      ANSWERBACK_COLOUR: 'ignored',
    });
    expect(environment).toEqual({
      port: 8080,
      baseUrl: 'https://answers.example.com',
      databaseUrl: secrets.DATABASE_URL,
      dataDir: '/var/lib/answerback',
      roles: { web: true, delivery: true },
      encryptionKeys: secrets.ENCRYPTION_KEYS,
      adminEmail: 'ada@example.com',
      adminPassword: secrets.ADMIN_PASSWORD,
      apiKey: secrets.API_KEY,
      deliveryAllowedNetworks: ['10.0.0.0/8', '192.168.1.7/32', 'fd00::/8', '::1/128'],
      surveyRetryWaits: [0, 60, 2_592_000],
      deliveryRetentionDays: 90,
      replyRetentionDays: 30,
      metricsToken: secrets.METRICS_TOKEN,
      otlpEndpoint: 'http://collector.example:4318/otlp',
      mail: { smtpUrl: secrets.SMTP_URL, from: 'answerback@example.com' },
      trustedProxies: ['loopback', '10.0.0.5/32', 'fd00::/8', '64:ff9b::102:304/128'],
      logLevel: 'verbose',
    });
  });

  it('takes an empty value as not set, except that no waits mean no retries', () => {
    const names = Object.keys(describeEnvironment(readEnvironment({})));
    const environment = readEnvironment(Object.fromEntries(names.map((name) => [name, ''])));
    expect(environment).toEqual(readEnvironment({ SURVEY_RETRY_WAITS: '' }));
    expect(environment.surveyRetryWaits).toEqual([]);
  });

  it('sends mails from its own host unless MAIL_FROM says otherwise', () => {
    const { mail } = readEnvironment({ BASE_URL: 'https://answers.example.com', SMTP_URL: 'smtp://mail.example.com' });
    expect(mail).toEqual({ smtpUrl: 'smtp://mail.example.com', from: 'answerback@answers.example.com' });
  });

  it('starts one role when one is named', () => {
    expect(readEnvironment({ PROCESS: 'web' }).roles).toEqual({ web: true, delivery: false });
    expect(readEnvironment({ PROCESS: 'delivery' }).roles).toEqual({ web: false, delivery: true });
  });

  it('takes a password exactly as it is given', () => {
    expect(readEnvironment({ ADMIN_PASSWORD: '  twelve and more ' }).adminPassword).toBe('  twelve and more ');
  });

  it('learns the port that the system picked, unless BASE_URL says where people come in', () => {
    const environment = readEnvironment({ PORT: '0' });
    settlePort(environment, 41_234);
    expect(environment).toMatchObject({ port: 41_234, baseUrl: 'http://localhost:41234' });

    const behindProxy = readEnvironment({ PORT: '0', BASE_URL: 'https://answers.example.com' });
    settlePort(behindProxy, 41_234);
    expect(behindProxy).toMatchObject({ port: 41_234, baseUrl: 'https://answers.example.com' });
  });

  it('makes the path of a keyring file absolute', () => {
    const folder = mkdtempSync(join(tmpdir(), 'environment-'));
    try {
      writeFileSync(join(folder, 'keys'), `k1:${key}\n`, { mode: 0o600 });
      const source = `file:${relative(process.cwd(), join(folder, 'keys'))}`;
      expect(readEnvironment({ ENCRYPTION_KEYS: source }).encryptionKeys).toBe(`file:${join(folder, 'keys')}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a bad environment', () => {
  const wants: Record<string, string> = {
    PORT: 'a whole number from 0 to 65535, such as 8080',
    BASE_URL:
      'an http or https address without path, query, user name or password, such as https://answers.example.com',
    ADMIN_PASSWORD:
      'at least 12 characters and at most 72 bytes in UTF-8, without U+0000, such as replace-me-with-your-own',
    DELIVERY_ALLOWED_NETWORKS:
      'IPv4 or IPv6 addresses or networks in CIDR form, separated by commas, such as 10.20.0.0/16,fd00:20::/32',
    LOG_LEVEL: 'error, warn, log, debug or verbose, such as warn',
    PROCESS: 'web, delivery, or both separated by a comma, such as delivery',
    SURVEY_RETRY_WAITS: 'up to 20 whole numbers from 0 to 2592000 (30 days), separated by commas, such as 60,300,3600',
  };

  it.each([
    ['PORT', 'abc', '"abc"'],
    ['PORT', '65536', '"65536"'],
    ['BASE_URL', 'answers', '"answers", which is not an http or https address'],
    ['BASE_URL', 'https://a.example/x', '"https://a.example/x", which has a path, query or fragment'],
    ['BASE_URL', 'https://ada:canary@a.example', '"(hidden)@a.example", which has a user name or password'],
    ['ADMIN_PASSWORD', 'canary', '(hidden), which is shorter than 12 characters'],
    ['ADMIN_PASSWORD', '🗝️'.repeat(18), '(hidden), which is longer than 72 bytes'],
    ['ADMIN_PASSWORD', 'twelve\0and more', '(hidden), which contains U+0000'],
    ['DELIVERY_ALLOWED_NETWORKS', '10.0.0.0/33', '"10.0.0.0/33", where "10.0.0.0/33" has no prefix from 0 to 32'],
    ['DELIVERY_ALLOWED_NETWORKS', '::1,intranet', '"::1,intranet", where "intranet" is not an address or network'],
    ['LOG_LEVEL', 'loud', '"loud"'],
    ['PROCESS', 'web,worker', '"web,worker"'],
    ['SURVEY_RETRY_WAITS', '60,-1', '"60,-1"'],
  ])('%s=%j says what it got and what it wants', (name, value, got) => {
    expect(problems({ [name]: value })).toEqual([`${name}: got ${got}; wants ${wants[name]}.`]);
  });

  it.each([
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['BASE_URL', 'ftp://a.example'],
    ['BASE_URL', 'https://a.example?x'],
    ['DATABASE_URL', 'mysql://db.example/x'],
    ['DATABASE_URL', 'postgres://keeper:100%@db.example/x'],
    ['DATABASE_URL', 'postgres://keeper:a#b@db.example/x'],
    ['PROCESS', ','],
    ['ENCRYPTION_KEYS', 'k1:c2hvcnQ='],
    ['ENCRYPTION_KEYS', 'file:/nowhere/at/all'],
    ['ENCRYPTION_KEYS', `file:k1:${key}`],
    ['ADMIN_EMAIL', 'ada'],
    ['ADMIN_PASSWORD', 'half a character \ud800'],
    ['API_KEY', 'short'],
    ['API_KEY', 'not allowed: '.repeat(4)],
    ['DELIVERY_ALLOWED_NETWORKS', '10.0.0.0/8,'],
    ['DELIVERY_ALLOWED_NETWORKS', '::/129'],
    ['DELIVERY_ALLOWED_NETWORKS', 'fe80::1%eth0'],
    ['SURVEY_RETRY_WAITS', '2592001'],
    ['SURVEY_RETRY_WAITS', '1.5'],
    ['SURVEY_RETRY_WAITS', Array.from({ length: 21 }, () => '1').join(',')],
    ['DELIVERY_RETENTION_DAYS', '0'],
    ['REPLY_RETENTION_DAYS', 'for ever'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://a.example/?key=1'],
    ['SMTP_URL', 'mail.example.com'],
    ['SMTP_URL', 'smtp://'],
    ['SMTP_URL', 'smtp://keeper:100%@mail.example'],
    ['MAIL_FROM', 'answerback'],
    ['TRUSTED_PROXIES', '2'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', 'everyone'],
    ['LOG_LEVEL', 'fatal'],
  ])('%s=%j is refused', (name, value) => {
    const variables = { ENCRYPTION_KEYS: `k1:${key}`, [name]: value };
    expect(problems(variables)).toEqual([
      expect.stringMatching(new RegExp(`^${name}: got [^\\n]*; wants [^\\n]*\\.$`)),
    ]);
  });

  it('asks for encryption keys when there is a database of its own, and says how to make one', () => {
    expect(problems({ DATABASE_URL: secrets.DATABASE_URL })).toEqual([
      'ENCRYPTION_KEYS: got nothing, although DATABASE_URL is set (make a key with ' +
        `node -p "'k1:' + require('node:crypto').randomBytes(32).toString('base64')" and keep it as safe as the ` +
        'database); wants id:base64 entries of 32 bytes each, separated by commas or white space, or file: and the path ' +
        'of a file with them, such as file:/run/secrets/answerback-keys.',
    ]);
  });

  it('says every problem at once, one line each', () => {
    const found = problems({ PORT: 'x', DATABASE_URL: secrets.DATABASE_URL, LOG_LEVEL: 'a\nb', PROCESS: 'a,b' });
    expect(found.map((line) => line.split(':')[0])).toEqual(['PORT', 'PROCESS', 'LOG_LEVEL', 'ENCRYPTION_KEYS']);
    expect(found.join('').includes('\n')).toBe(false);
    expect(new BadEnvironment(found).message).toBe(found.join('\n'));
  });
});

describe('secrets', () => {
  const canaries = /canary|keeper/;

  it('stay out of the description', () => {
    const description = describeEnvironment(readEnvironment(secrets));
    expect(description).toMatchObject({
      DATABASE_URL: 'yes (db.example.com:5432/answers)',
      ENCRYPTION_KEYS: 'yes',
      ADMIN_PASSWORD: 'yes',
      API_KEY: 'yes',
      METRICS_TOKEN: 'yes',
      SMTP_URL: 'yes (mail.example.com:465)',
    });
    expect(JSON.stringify(description)).not.toMatch(canaries);
    expect(JSON.stringify(description)).not.toContain(key);
    expect(describeEnvironment(readEnvironment({}))).toMatchObject({ DATABASE_URL: 'no', ENCRYPTION_KEYS: 'no' });
  });

  it('stay out of a log that is given the whole environment', () => {
    const holder = { environment: readEnvironment(secrets) };
    expect(inspect(holder)).not.toMatch(canaries);
    expect(JSON.stringify(holder)).not.toMatch(canaries);
  });

  it.each([
    ['DATABASE_URL', 'canary'],
    ['DATABASE_URL', 'postgres://keeper:can#ary-canary@db/x'],
    ['ENCRYPTION_KEYS', 'canary'],
    ['ENCRYPTION_KEYS', 'file:canary'],
    ['ENCRYPTION_KEYS', `k1:${key},canary`],
    ['ADMIN_PASSWORD', 'canary'],
    ['API_KEY', 'canary'],
    ['BASE_URL', 'https://keeper:canary@a.example/x'],
    ['BASE_URL', 'keeper:canary@a.example'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://keeper:canary@a.example'],
    ['SMTP_URL', 'keeper:canary@mail.example'],
  ])('stay out of the refusal of %s=%j', (name, value) => {
    const found = problems({ ...secrets, [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).not.toMatch(canaries);
    expect(found[0]).not.toContain(key);
  });
});
