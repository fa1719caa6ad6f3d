import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { MikroORM } from '@mikro-orm/postgresql';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { hash } from 'bcrypt';
import supertest from 'supertest';
import type { NewMember } from '../../src/accounts/create-member.js';
import { Member } from '../../src/accounts/member.entity.js';
import { Organisation } from '../../src/accounts/organisation.entity.js';
import { AppModule } from '../../src/app.module.js';
import { readEnvironment } from '../../src/config/environment.js';
import { DatabasePool } from '../../src/database/database-pool.js';
import type { CallableNetwork } from '../../src/outbound/outbound.module.js';
import { configureWeb } from '../../src/web/configure-web.js';
import { watchApiAnswers } from './api-answers.js';
import { createTestDatabase, TEST_KEYS, type TestDatabase, type TestWorker } from './app.js';

/** The whole application, listening on a loopback port. */
export interface TestWeb extends TestWorker {
  /** Its BASE_URL too, unless the variables say another one. */
  url: string;
  app: NestExpressApplication;
}

/**
 * @param controllers routes that only the test has
 * @param network the names and authorities that its calls know, instead of the system's
 */
export async function startWeb(
  database: TestDatabase,
  variables: Record<string, string> = {},
  controllers: Type[] = [],
  network: CallableNetwork = {},
): Promise<TestWeb> {
  const { port, letGo } = await holdPort();
  const url = `http://127.0.0.1:${port}`;
  const environment = readEnvironment({
    PORT: String(port),
    BASE_URL: url,
    DATABASE_URL: database.appUrl,
    ENCRYPTION_KEYS: TEST_KEYS,
    DELIVERY_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
    ...variables,
  });
  const ground = { environment, databaseUrl: database.appUrl, keyringSource: environment.encryptionKeys!, network };
  const module = { module: TestModule, imports: [AppModule.with(ground)], controllers };
  const app = await NestFactory.create<NestExpressApplication>(module, {
    bodyParser: false,
    forceCloseConnections: true,
    abortOnError: false,
    logger: process.env.TEST_LOG ? ['error', 'warn', 'log', 'debug'] : false,
  });
  if (environment.roles.web) {
    watchApiAnswers(app);
  }
  configureWeb(app, environment, app.get(DatabasePool));
  // What takes long comes before: a port that is let go may be drawn by others.
  await app.init();
  await letGo();
  try {
    await app.listen(port, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  return {
    url,
    app,
    context: app,
    orm: app.get(MikroORM),
    pool: app.get(DatabasePool),
    close: () => app.close(),
  };
}

/** The whole application on a database of its own, for all tests of a file; `use` gets both before the first. */
export function useWeb(
  use: (web: TestWeb, database: TestDatabase) => void,
  variables: Record<string, string> = {},
): void {
  let database: TestDatabase | undefined;
  let web: TestWeb | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
    web = await startWeb(database, variables);
    use(web, database);
  });
  afterAll(async () => {
    await web?.close();
    await database?.drop();
  });
}

@Module({})
class TestModule {}

let counter = 0;

/** bcrypt's own least. A hash says what it cost, so that signing in with such a one is as quick to check. */
const CHEAPEST_COST = 4;

/** Somebody who can sign in, in an organisation of their own unless one is given. */
export async function buildMember(
  worker: TestWorker,
  details: Partial<NewMember> = {},
): Promise<{ email: string; password: string; memberId: number; organisationId: number }> {
  counter += 1;
  const em = worker.orm.em.fork();
  const member = {
    organisationId: details.organisationId ?? (await buildBareOrganisation(worker)).id,
    email: `member${counter}@example.com`,
    name: 'Mary Member',
    password: 'correct horse battery',
    role: 'admin' as const,
    ...details,
  };
  const { password, ...stored } = member;
  const created = em.create(Member, { ...stored, passwordHash: await hash(password, CHEAPEST_COST) });
  await em.flush();
  return { email: member.email, password, memberId: created.id, organisationId: member.organisationId };
}

export async function buildBareOrganisation(worker: TestWorker): Promise<Organisation> {
  counter += 1;
  const em = worker.orm.em.fork();
  const portalCode = `bare${process.pid}x${counter}`;
  const organisation = em.create(Organisation, { name: 'DemoCorp', portalCode, plan: 'enterprise' });
  await em.flush();
  return organisation;
}

/** A browser's worth of client: keeps cookies, and sends a form as a page of ours would. */
export class Visitor {
  readonly agent: ReturnType<typeof supertest.agent>;

  constructor(private readonly web: TestWeb) {
    this.agent = supertest.agent(web.url);
  }

  get(path: string): supertest.Test {
    return this.agent.get(path);
  }

  /** Fetches the session's token first. */
  async post(path: string, fields: Record<string, string | string[]> = {}): Promise<supertest.Response> {
    return this.send(path, { _csrf: await this.token(), ...fields });
  }

  /** Sends just these fields. */
  send(path: string, fields: Record<string, string | string[]>): supertest.Test {
    return this.agent.post(path).type('form').set('Origin', this.web.url).send(fields);
  }

  async token(): Promise<string> {
    const { text } = await this.get('/sign-in').expect(200);
    return /name="_csrf" value="(\w+)"/.exec(text)![1]!;
  }
}

/** Signs in as a person would; fails when that fails. */
export async function signIn(web: TestWeb, email: string, password: string): Promise<Visitor> {
  const visitor = new Visitor(web);
  const { status, text } = await visitor.post('/sign-in', { email, password });
  if (status !== 303) {
    throw new Error(`Signing in answered ${status}: ${text}`);
  }
  return visitor;
}

/** A port that nobody else draws as long as it is held. */
async function holdPort(): Promise<{ port: number; letGo: () => Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    letGo: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
