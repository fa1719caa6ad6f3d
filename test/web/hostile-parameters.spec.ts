import {
  arrive,
  complaintsAboutAll,
  requestTo,
  useGround,
  type Ground,
  PATIENCE_MS,
} from '../support/hostile-input.js';
import { complaintsAbout, summaryOf } from '../support/hostile-input-answers.js';
import type { Sent } from '../support/hostile-input-requests.js';
import { knownRoutes, pathOf, queryOf } from '../support/hostile-input-routes.js';
import {
  absurdDates,
  absurdNumbers,
  enough,
  naughtyTexts,
  prototypeKeys,
  rotated,
  sampleOf,
} from '../support/hostile-input-texts.js';
import { parametersOf, type Route } from '../support/routes.js';

let ground: Ground;

useGround((given) => {
  ground = given;
});

const allTexts = [...naughtyTexts, ...absurdDates, ...absurdNumbers];

/** Other ones for each route. */
function textsFor(index: number, count: number): string[] {
  return sampleOf(rotated(allTexts, index * 17), enough(count));
}

/** Routes that end the session that asks get one of their own. */
async function request(route: Route): Promise<Sent> {
  const session = knownRoutes[route.name]?.endsSession ? await arrive(ground, ground.own) : ground.session;
  return requestTo({ own: ground.own, session }, route);
}

const queryKnownTo = (route: Route) => knownRoutes[route.name]?.query?.(ground.own) ?? {};

/** Every name that some route knows, for those of which nothing is known. */
function everyName(): string[] {
  return [...new Set(ground.routes.flatMap((route) => Object.keys(queryKnownTo(route))))];
}

/** Encoded as it may be sent: half a character has no encoding. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('%00', '%2500');
}

test(
  'whatever stands in the query of a page or a list, it is never a fault',
  async () => {
    const all: Sent[] = [];
    for (const [index, route] of ground.routes.filter(({ method }) => method === 'GET').entries()) {
      const { path, ...sent } = requestTo(ground, route);
      const bare = path.split('?')[0]!;
      const query = queryKnownTo(route);
      const names = Object.keys(query).length > 0 ? Object.keys(query) : everyName();
      // Each parameter alone, the others being right; then all at once.
      const alone = names.flatMap((name) =>
        textsFor(index, Object.keys(query).length > 0 ? 3 : 1).map((text) => ({ ...query, [name]: text })),
      );
      const together = textsFor(index, 5).map((text) => Object.fromEntries(names.map((name) => [name, text])));
      all.push(...[...alone, ...together].map((each) => ({ ...sent, path: bare + toQuery(each) })));
    }
    expect(all.length).toBeGreaterThan(250);
    expect(await complaintsAboutAll(ground, all)).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'repeated, bracketed, inherited, empty and endless parameters are refused or left alone by every route',
  async () => {
    const all: Sent[] = [];
    for (const route of ground.routes) {
      const sent = await request(route);
      const names = [...Object.keys(queryKnownTo(route)), 'page', ...prototypeKeys];
      const odd = names.map(
        (name) => `${name}&${name}=&${name}=a&${name}=b&${name}[]=c&${name}[__proto__][d]=e&=${name}`,
      );
      const queries = [
        `${odd.join('&')}&&=&?`,
        `q=${'a'.repeat(4_000)}&agent=${'%f0%9f%90%b4'.repeat(300)}&${'a=b&'.repeat(1_000)}`,
      ];
      const [bare, known] = sent.path.split('?');
      all.push(...queries.map((query) => ({ ...sent, path: `${bare}?${query}` })));
      all.push(...(known ? queries.map((query) => ({ ...sent, path: `${bare}?${known}&${query}` })) : []));
    }
    expect(await complaintsAboutAll(ground, all)).toEqual([]);
    expect(({} as { d?: unknown }).d).toBeUndefined();
  },
  PATIENCE_MS,
);

test(
  'whatever stands in a path where a thing is named, it is not found',
  async () => {
    const all: Sent[] = [];
    for (const [index, route] of ground.routes.entries()) {
      const { path: _, ...sent } = await request(route);
      const query = queryOf(queryKnownTo(route));
      for (const name of parametersOf(route)) {
        const values = knownRoutes[route.name]!.parameters!(ground.own);
        // Through a name that no value has, so that what goes in is not encoded once more.
        const template = pathOf(route, { ...values, [name]: 'HERE' });
        const odd = [
          ...textsFor(index, 6).map(encoded),
          ...sampleOf(rotated(ODD_SEGMENTS, index * 7), enough(12)),
        ].filter((text) => text !== '');
        all.push(...odd.map((text) => ({ ...sent, path: template.replace('HERE', text) + query })));
      }
    }
    const answers = await ground.sender.sendAll(all);
    expect(answers.flatMap(complaintsAbout)).toEqual([]);
    const found = answers.filter(({ status, sent }) => status < 400 && !sent.path.startsWith('/receiver/'));
    expect(found.filter(({ sent }) => !HARMLESS.test(sent.path)).map(summaryOf)).toEqual([]);
  },
  PATIENCE_MS,
);

const ODD_SEGMENTS = [
  '..%2f..%2fetc%2fpasswd',
  '%2e%2e',
  '.',
  '..',
  '%00',
  '%',
  '%ff',
  '%C0%AF',
  '%25%30%30',
  'a%2Fb',
  'a%5Cb',
  ';a=b',
  '0',
  '-1',
  '1e3',
  '0x1',
  '%31%20',
  '999999999999999',
  '9007199254740993',
  '9223372036854775808',
  'fffffffffffff',
  'FFFFFFFFFFFFF',
  'a'.repeat(10_000),
  '%f0%9f%90%b4'.repeat(500),
  '__proto__',
  'constructor',
  'toString',
  '*',
  ':id',
  "'",
];

/** Dots that lead to another address of ours, as browsers take them. */
const HARMLESS = /\/\.\.?(\/|\?|$)/;

function toQuery(query: Record<string, unknown>): string {
  return `?${Object.entries(query)
    .map(([name, value]) => `${name}=${encoded(String(value))}`)
    .join('&')}`;
}
