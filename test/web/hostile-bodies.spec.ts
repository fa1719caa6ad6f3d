import { gzipSync } from 'node:zlib';
import {
  arrive,
  bodyOf,
  complaintsAboutAll,
  FORM,
  requestTo,
  useGround,
  type Ground,
  PATIENCE_MS,
} from '../support/hostile-input.js';
import { complaintsAbout, summaryOf } from '../support/hostile-input-answers.js';
import type { Sent } from '../support/hostile-input-requests.js';
import { knownRoutes } from '../support/hostile-input-routes.js';
import {
  absurdDates,
  absurdJson,
  absurdNumbers,
  enough,
  naughtyTexts,
  piecesOf,
  prototypeKeys,
  rotated,
  sampleOf,
} from '../support/hostile-input-texts.js';
import type { Route } from '../support/routes.js';

let ground: Ground;

useGround((given) => {
  ground = given;
});

const isApi = (route: Route) => route.path.startsWith('/api/');
const isReceiver = (route: Route) => route.path.startsWith('/receiver/');
const fieldsOf = (route: Route) => knownRoutes[route.name]?.body?.(ground.own) ?? {};

/** Those that take a body of the format that we prescribe. */
function writers(): Route[] {
  return ground.routes.filter((route) => knownRoutes[route.name]?.body && !isReceiver(route));
}

/** A request to the route; those that end the session get one of their own. */
async function base(route: Route): Promise<Sent> {
  const session = knownRoutes[route.name]?.endsSession ? await arrive(ground, ground.own) : ground.session;
  return requestTo({ own: ground.own, session }, route);
}

const withBody = (sent: Sent, body: string | Buffer, headers: Sent['headers'] = {}): Sent => ({
  ...sent,
  body,
  headers: { ...sent.headers, ...headers },
});

const bomb = gzipSync(Buffer.alloc(20_000_000, 'a'));
const deep = (open: string, close: string) => `${open.repeat(100_000)}1${close.repeat(100_000)}`;

test(
  'a body that is none in its format is refused by every route that takes one',
  async () => {
    const complaints: string[] = [];
    for (const route of writers()) {
      const sent = await base(route);
      const wrong: [number, Sent][] = [
        [415, withBody(sent, 'a=1', { 'Content-Type': 'text/plain' })],
        [415, withBody(sent, '<a/>', { 'Content-Type': 'application/xml' })],
        [415, withBody(sent, 'a=1', { 'Content-Type': isApi(route) ? FORM : 'application/json' })],
        [415, withBody(sent, '--x--', { 'Content-Type': 'multipart/form-data; boundary=x' })],
        [415, withBody(sent, '{}', { 'Content-Type': `${typeOf(route)}; charset=klingon` })],
        [415, withBody(sent, '{}', { 'Content-Encoding': 'lzma' })],
        [400, withBody(sent, 'no gzip', { 'Content-Encoding': 'gzip' })],
        [413, withBody(sent, bomb, { 'Content-Encoding': 'gzip' })],
        ...(isApi(route) ? brokenJson.map((body): [number, Sent] => [400, withBody(sent, body)]) : []),
        ...(isApi(route) ? [] : [[413, withBody(sent, 'a=1&'.repeat(1_000))] as [number, Sent]]),
      ];
      const answers = await ground.sender.sendAll(wrong.map(([, each]) => each));
      complaints.push(...answers.flatMap(complaintsAbout));
      complaints.push(...answers.filter(({ status }, index) => status !== wrong[index]![0]).map(summaryOf));
    }
    expect(complaints).toEqual([]);
  },
  PATIENCE_MS,
);

const brokenJson = [
  '{"a":',
  '[1,',
  "{'a':1}",
  'NaN',
  '{"a":1}{"b":2}',
  '\u0000',
  '"text"',
  '1',
  'null',
  '\ufeff\ufeff{}',
];

test(
  'a body of 10 MB is refused, the connection goes on or ends in good order, and nothing of it is kept',
  async () => {
    const huge = Buffer.alloc(10_000_000, 'a');
    const all = await Promise.all(writers().map(async (route) => withBody(await base(route), huge)));
    const answers = await ground.sender.sendAll(all);
    expect(answers.filter(({ status }) => status !== 413).map(summaryOf)).toEqual([]);
    expect(answers.flatMap(complaintsAbout)).toEqual([]);
    expect((await ground.sender.send({ method: 'GET', path: '/health/live' })).status).toBe(200);
  },
  PATIENCE_MS,
);

test(
  'absurd values of every type in every field of the API are refused or taken, and never a fault',
  async () => {
    const all: Sent[] = [];
    for (const route of writers().filter(isApi)) {
      const sent = await base(route);
      const fields = fieldsOf(route);
      const names = Object.keys(fields);
      const texts = [
        ...absurdJson,
        ...absurdNumbers.filter(isJson),
        ...absurdDates.map((date) => JSON.stringify(date)),
      ];
      for (const name of names) {
        all.push(...texts.map((text) => withBody(sent, jsonWith(fields, name, text))));
        all.push(withBody(sent, jsonWith(fields, name, JSON.stringify('a'.repeat(900_000)))));
      }
      all.push(
        ...['unknown', ...prototypeKeys].map((name) => withBody(sent, jsonWith(fields, name, '{"admin":true}'))),
      );
      all.push(withBody(sent, deep('[', ']')), withBody(sent, jsonWith(fields, names[0] ?? 'a', deep('{"a":', '}'))));
      all.push(withBody(sent, `{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":1`).join()}}`));
    }
    expect(all.length).toBeGreaterThan(500);
    expect(await complaintsAboutAll(ground, all)).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'naughty texts, absurd numbers and dates in every field of every form and body are never a fault',
  async () => {
    const all: Sent[] = [];
    for (const [index, route] of writers().entries()) {
      const sent = await base(route);
      const fields = fieldsOf(route);
      const names = Object.keys(fields);
      const { slow } = knownRoutes[route.name]!;
      // Other texts for each route, each in some field; then some in each field alone, the others being right.
      const texts = rotated(allTexts, index * 17);
      const together = sampleOf(texts, slow || names.length === 0 ? 6 : enough(names.length * 20));
      for (const piece of piecesOf(together, Math.max(names.length, 1))) {
        const spread = Object.fromEntries(piece.map((text, place) => [names[place] ?? 'unknown', text]));
        all.push(withFields(sent, { ...fields, ...spread }));
      }
      for (const name of names) {
        all.push(...sampleOf(texts, slow ? 2 : enough(4)).map((text) => withFields(sent, { ...fields, [name]: text })));
      }
    }
    expect(all.length).toBeGreaterThan(500);
    expect(await complaintsAboutAll(ground, all)).toEqual([]);
  },
  PATIENCE_MS,
);

const allTexts = [...naughtyTexts, ...absurdDates, ...absurdNumbers];

test(
  'repeated, bracketed and inherited names of fields are plain names',
  async () => {
    const all: Sent[] = [];
    for (const route of writers()) {
      const sent = await base(route);
      const names = [...Object.keys(fieldsOf(route)), ...prototypeKeys];
      const body = isApi(route)
        ? `{${names.map((name) => `"${name}":"a","${name}":{"__proto__":{"f":"g"}}`).join()}}`
        : names.map((name) => `${name}=a&${name}=b&${name}[]=c&${name}[d]=e&${name}[__proto__][f]=g`).join('&');
      // Behind what is right, and without it.
      const both = isApi(route) ? jsonWith(fieldsOf(route), 'unknown', body) : `${String(sent.body)}&${body}`;
      all.push(withBody(sent, body), withBody(sent, both));
    }
    expect(await complaintsAboutAll(ground, all)).toEqual([]);
    expect(({} as { f?: unknown }).f).toBeUndefined();
  },
  PATIENCE_MS,
);

function isJson(text: string): boolean {
  return /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(text);
}

function typeOf(route: Route): string {
  return isApi(route) ? 'application/json' : FORM;
}

/** The fields as JSON, one of them as this text has it; where there is none of the name, it is added. */
function jsonWith(fields: Record<string, unknown>, name: string, text: string): string {
  const others = Object.entries(fields).filter(([other]) => other !== name);
  const pairs = others.map(([other, value]) => `${JSON.stringify(other)}:${JSON.stringify(value)}`);
  return `{${[...pairs, `${JSON.stringify(name)}:${text}`].join()}}`;
}

function withFields(sent: Sent, fields: Record<string, unknown>): Sent {
  return { ...sent, ...bodyOf(sent.path, fields, sent.headers) };
}
