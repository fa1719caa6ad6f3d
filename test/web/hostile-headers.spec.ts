import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js';
import { Severity } from 'csp_evaluator/dist/finding.js';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import { complaintsAboutAll, requestTo, useGround, type Ground, PATIENCE_MS } from '../support/hostile-input.js';
import { summaryOf } from '../support/hostile-input-answers.js';
import type { Sent } from '../support/hostile-input-requests.js';

let ground: Ground;

useGround((given) => {
  ground = given;
});

/** Bytes that a header may hold: Node sends each character as one. */
const LATIN = '\u00e9\u00ff\u0080';

const nonsense: Record<string, readonly string[]> = {
  Accept: ['', '*', 'text/html;q=a', 'application/json', '*/*;q=0', 'image/png', 'a/b,'.repeat(1_000), LATIN],
  'Accept-Encoding': ['gzip;q=x', 'identity;q=0', '*;q=0'],
  'Accept-Language': ['xx-klingon', '*', LATIN],
  'Content-Type': ['', 'a', '/', 'text/html; charset=', 'application/json; charset=utf-7', LATIN, ';;;'],
  'X-Forwarded-For': ['127.0.0.1', "'; drop table member; --", '<script>', '1.2.3.4,'.repeat(1_000), LATIN],
  'X-Forwarded-Host': ['evil.example', '"><script>'],
  'X-Forwarded-Proto': ['javascript', 'https,http'],
  Forwarded: ['for="[::1]";host=evil.example;proto=javascript'],
  'X-HTTP-Method-Override': ['DELETE', 'TRACE'],
  'X-Original-URL': ['/audit'],
  Host: ['evil.example', 'a b', '[::', 'a:99999', '"><script>', '', LATIN],
  Origin: ['null', 'https://evil.example', 'javascript:alert(1)', LATIN],
  Referer: ['javascript:alert(1)', '"><script>', LATIN],
  'User-Agent': ['', '<script>alert(1)</script>', '\u00ff'.repeat(5_000), '${jndi:ldap://evil.example/a}'],
  Range: ['bytes=0-0', 'bytes=-1', 'bytes=0-0,1-1,2-2', 'a'],
  'If-None-Match': ['*', '"a"', 'W/"a"', 'a'],
  'If-Modified-Since': ['Thu, 99 Foo 0000 99:99:99 GMT', 'Fri, 01 Jan 2100 00:00:00 GMT'],
  'Sec-Fetch-Site': ['cross-site', 'a'],
  'X-CSRF-Token': ['', 'a', LATIN],
  Upgrade: ['websocket', 'h2c'],
  Authorization: [
    '',
    'Bearer',
    'Bearer ',
    'Bearer \u00ff',
    `Bearer ${'a'.repeat(10_000)}`,
    'Bearer abk_x abk_y',
    "Bearer ' or 1=1 --",
    'Basic YWRtaW46YWRtaW4=',
    'Digest username="a"',
    LATIN,
  ],
  Cookie: [
    'answerback=',
    'answerback=a',
    'answerback=s%3A',
    'answerback=s%3A..',
    'answerback=s%3Aadmin.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'answerback=s%3A%00.a; answerback=j%3A%7B%22passport%22%3A%7B%22user%22%3A1%7D%7D',
    'answerback=%E0%A4%A',
    `answerback=s%3A${'a'.repeat(5_000)}.b`,
    'a; b; ;;;=;',
    '__proto__=a; constructor=b; answerback=s%3A__proto__.c',
    LATIN,
  ],
};

test(
  'nonsense in any header is never a fault, at any address',
  async () => {
    const single = Object.entries(nonsense).flatMap(([name, values]) => values.map((value) => ({ [name]: value })));
    // Some at each route, each header alone; all of them together at every route.
    const all = ground.routes.flatMap((route, index): Sent[] => {
      const sent = requestTo(ground, route);
      const some = single.filter((_header, place) => place % 20 === index % 20);
      const together = [0, 1, 2].map((place) =>
        Object.fromEntries(Object.entries(nonsense).map(([name, values]) => [name, values[place % values.length]!])),
      );
      return [...some, ...together].map((header) => ({
        ...sent,
        headers: { ...withoutNamesakes(sent, header), ...header },
      }));
    });
    expect(await complaintsAboutAll(ground, all)).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'a forged or foreign proof opens nothing',
  async () => {
    const { Cookie: cookie } = ground.session as { Cookie: string };
    const [name, value] = cookie.split('=') as [string, string];
    const id = decodeURIComponent(value).slice(2).split('.')[0]!;
    const cookies = [
      ...nonsense.Cookie!,
      `${name}=${id}`,
      `${name}=s%3A${id}.`,
      `${name}=s%3A${id}.${'A'.repeat(43)}`,
      `${name}=${value.slice(0, -1)}`,
      `${name}=${value}A`,
      `__Host-${cookie}`,
    ];
    const portal = cookies.map((Cookie): Sent => ({ method: 'GET', path: '/audit', headers: { Cookie } }));
    const api = nonsense.Authorization!.map((Authorization): Sent => ({
      method: 'GET',
      path: '/api/v1/surveys',
      headers: { Authorization },
    }));
    const answers = await ground.sender.sendAll([...portal, ...api]);
    expect(answers.filter(({ status }) => status !== 303 && status !== 401).map(summaryOf)).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'the host that a request names leads nowhere: no redirect and no link goes by it',
  async () => {
    const hosts = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' };
    const all = ground.routes
      .filter(({ method }) => method === 'GET')
      .map((route) => requestTo(ground, route))
      .map((sent): Sent => ({ ...sent, headers: { ...sent.headers, ...hosts } }));
    const answers = await ground.sender.sendAll(all);
    const led = answers.filter(({ text, headers }) => `${text} ${JSON.stringify(headers)}`.includes('evil.example'));
    expect(led.map(summaryOf)).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'an address as long as can be leads to the sign-in page by a short one, which every proxy takes',
  async () => {
    const [longest, long] = await ground.sender.sendAll(
      [10_000, 1_500].map((length): Sent => ({ method: 'GET', path: `/responses?q=${'"'.repeat(length)}` })),
    );
    expect(longest!.headers.location).toBe('/sign-in');
    expect(long!.headers.location).toMatch(/^\/sign-in\?returnTo=%2Fresponses%3Fq/);
  },
  PATIENCE_MS,
);

test(
  'a judge of content security policies finds nothing that weighs in ours',
  async () => {
    const all = ground.routes.map((route) => requestTo(ground, route)).filter(({ method }) => method === 'GET');
    const answers = await ground.sender.sendAll(all);
    const policies = new Set(answers.map(({ headers }) => String(headers['content-security-policy'])));
    const findings = [...policies].flatMap((policy) => new CspEvaluator(new CspParser(policy).csp).evaluate());
    const weighty = findings.filter(({ severity }) => severity <= Severity.MEDIUM && severity !== Severity.NONE);
    expect(weighty.map(({ directive, description }) => `${directive}: ${description}`)).toEqual([]);
  },
  PATIENCE_MS,
);

/** The request's own headers without those of the same name in other letters. */
function withoutNamesakes({ headers = {} }: Sent, header: Record<string, string>): Sent['headers'] {
  const names = new Set(Object.keys(header).map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase())));
}
