import { arrive, FORM, requestTo, useGround, type Ground, PATIENCE_MS } from '../support/hostile-input.js';
import { complaintsAbout, summaryOf } from '../support/hostile-input-answers.js';
import { buildPremises } from '../support/hostile-input-premises.js';
import type { Answer, Sent } from '../support/hostile-input-requests.js';
import { knownRoutes, missingFor } from '../support/hostile-input-routes.js';
import { openSession } from '../support/hostile-input-sessions.js';

let ground: Ground;

useGround((given) => {
  ground = given;
});

test(
  'every route is known well enough to be attacked',
  () => {
    expect(ground.routes.length).toBeGreaterThan(60);
    expect(ground.routes.flatMap((route) => missingFor(route) ?? [])).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'no route is known that there is not',
  () => {
    const names = new Set(ground.routes.map(({ name }) => name));
    expect(Object.keys(knownRoutes).filter((name) => !names.has(name))).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'what is known of a route is what it accepts, so that each attack is wrong in one thing only',
  async () => {
    const own = await buildPremises(ground.web, { word: 'spentword' });
    const session = await arrive(ground, own);
    const refused: string[] = [];
    for (const route of ground.routes) {
      const endsSession = knownRoutes[route.name]?.endsSession;
      const sent = requestTo({ own, session: endsSession ? await arrive(ground, own) : session }, route);
      const answer = await ground.sender.send(sent);
      // 409: the very same was asked for a moment ago, at the page or at the API.
      if (answer.status >= 400 && answer.status !== 409) {
        refused.push(summaryOf(answer));
      }
      refused.push(...complaintsAbout(answer));
    }
    expect(refused).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'without a session or an API key, nothing but the way in and what customers have a link to opens',
  async () => {
    const opened: string[] = [];
    for (const route of ground.routes.filter(({ path }) => !isOpenToAll(path))) {
      const { method, path, body } = requestTo(ground, route);
      const visitor = await openSession(ground.sender);
      const proofs = [{}, visitor, { ...visitor, Authorization: `Bearer ${ground.own.apiKey}` }, ground.session];
      const wrong = path.startsWith('/api/')
        ? proofs.filter((proof) => !('Authorization' in proof))
        : proofs.slice(0, 3);
      for (const proof of wrong) {
        const type = path.startsWith('/api/') ? 'application/json' : FORM;
        const answer = await ground.sender.send({ method, path, body, headers: { ...proof, 'Content-Type': type } });
        if (!isRefusal(answer)) {
          opened.push(summaryOf(answer));
        }
        opened.push(...complaintsAbout(answer));
      }
    }
    expect(opened).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'a method that an address does not take is refused as such, and HEAD answers as GET does, without a body',
  async () => {
    const addresses = new Map(ground.routes.map((route) => [route.path, requestTo(ground, route)]));
    const complaints: string[] = [];
    for (const [path, { path: address, headers }] of addresses) {
      const taken = new Set(ground.routes.filter((route) => route.path === path).map(({ method }) => method));
      const others = METHODS.filter((method) => !taken.has(method) && !taken.has('ALL'));
      const asked = others.map((method): Sent => ({ method, path: address, headers }));
      for (const answer of await ground.sender.sendAll(asked)) {
        const allowed = new Set(String(answer.headers.allow).split(', '));
        if (answer.status !== 405 || [...taken].some((method) => !allowed.has(method))) {
          complaints.push(summaryOf(answer));
        }
        complaints.push(...complaintsAbout(answer));
      }
      if (taken.has('GET')) {
        const [get, head] = await ground.sender.sendAll(
          ['GET', 'HEAD'].map((method): Sent => ({ method, path: address, headers })),
        );
        if (get!.status !== head!.status) complaints.push(`${head!.status} for HEAD | ${summaryOf(get!)}`);
        complaints.push(...complaintsAbout(head!));
      }
    }
    expect(complaints).toEqual([]);
  },
  PATIENCE_MS,
);

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'M-SEARCH'];

/** The way in, health checks, the receiver and surveys; and papers about the API, which lie beside its versions. */
function isOpenToAll(path: string): boolean {
  return /^\/(sign-in|sign-out|join|health|s|t)(\/|$)|^\/receiver\/|^\/$|^\/api\/(?!v\d+\/)/.test(path);
}

/** 403 is what a form gets that shows no sign of a page of ours. */
function isRefusal({ status, headers, sent }: Answer): boolean {
  if (sent.path.startsWith('/api/') || sent.path === '/metrics') {
    return status === 401;
  }
  return status === 303 ? String(headers.location).startsWith('/sign-in') : status === 403 && sent.method !== 'GET';
}
