import type { Role } from '../../src/accounts/member.entity.js';
import type { TestDatabase } from './app.js';
import { complaintsAbout } from './hostile-input-answers.js';
import { buildPremises, type Premises } from './hostile-input-premises.js';
import { Sender, type Answer, type Sent } from './hostile-input-requests.js';
import { addressOf, knownRoutes } from './hostile-input-routes.js';
import { METRICS_TOKEN, openSession, proofFor, type Session } from './hostile-input-sessions.js';
import { routesOf, type Route } from './routes.js';
import { useWeb, type TestWeb } from './web.js';

/** The application with one organisation that has everything, its admin signed in, and every route there is. */
export interface Ground {
  web: TestWeb;
  database: TestDatabase;
  sender: Sender;
  routes: readonly Route[];
  own: Premises;
  session: Session;
}

/** For tests that ask hundreds of times: seconds on an idle machine, far more on a busy one. */
export const PATIENCE_MS = 180_000;

/** For all tests of a file; `use` gets it before the first. */
export function useGround(use: (ground: Ground) => void | Promise<void>): void {
  let web: TestWeb;
  let database: TestDatabase;
  let sender: Sender | undefined;
  useWeb(
    (started, own) => {
      web = started;
      database = own;
    },
    { METRICS_TOKEN },
  );
  beforeAll(async () => {
    sender = new Sender(web);
    const own = await buildPremises(web, { word: 'ourownword' });
    const session = await openSession(sender, own.admin);
    await use({ web, database, sender, routes: routesOf(web), own, session });
  }, PATIENCE_MS);
  afterAll(() => sender?.close());
}

/** The request that a route accepts, by somebody who may. */
export function requestTo({ own, session }: Pick<Ground, 'own' | 'session'>, route: Route): Sent {
  const path = addressOf(route, own);
  const method = route.method === 'ALL' ? 'POST' : route.method;
  const headers = proofFor(path, own, session);
  const fields = knownRoutes[route.name]?.body?.(own);
  return fields === undefined ? { method, path, headers } : { method, path, ...bodyOf(path, fields, headers) };
}

/** A body in the format that the path takes. */
export function bodyOf(path: string, fields: Record<string, unknown>, headers: Sent['headers'] = {}) {
  return path.startsWith('/api/')
    ? { headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(fields) }
    : { headers: { ...headers, 'Content-Type': FORM }, body: new URLSearchParams(fields as never).toString() };
}

export const FORM = 'application/x-www-form-urlencoded';

/** Sends them all, and answers what is wrong with any of the answers. */
export async function complaintsAboutAll({ sender }: Ground, all: readonly Sent[]): Promise<string[]> {
  return (await sender.sendAll(all)).flatMap(complaintsAbout);
}

/** Somebody new of this organisation, signed in. */
export async function arrive({ sender }: Ground, own: Premises, role: Role = 'admin'): Promise<Session> {
  return openSession(sender, await own.hire(role));
}

/** How often each status came, for a test to see that its requests went where it means them to. */
export function statusesOf(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}
