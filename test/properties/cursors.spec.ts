import * as fc from 'fast-check';
import { audit } from '../../src/accounts/audit.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { buildInvitation } from '../support/factories.js';
import { buildWatched, type Watched } from '../support/log-journey.js';
import { manyResponses } from '../support/many-responses.js';
import { naughtyStrings } from '../support/naughty-strings.js';
import { holdsAsync, wholeText } from '../support/properties.js';
import { type TestWeb, useWeb } from '../support/web.js';

const COUNT = 130;
const ROWS_A_PAGE = 50;

/** A list of the portal: how its rows are named, all of them from the newest, and the cursor of each. */
interface List {
  path: string;
  row: RegExp;
  all: { name: string; cursor: string }[];
  /** Whether its pages lead back as well. */
  leadsBack: boolean;
}

let web: TestWeb;
let watched: Watched;
let responseIds: number[];
let webhookIds: string[];
const lists: Record<string, List> = {};

useWeb((started) => {
  web = started;
});
beforeAll(async () => {
  watched = await buildWatched(web, null);
  // Another organisation's rows lie between ours and must never come along.
  const other = await buildWatched(web, null);
  await fill(other, 20);
  await fill(watched, COUNT);
  await fill(other, 20);
  await listAll();
}, 120_000);

describe('the pages of the API', () => {
  const limit = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(1, 2, 64, 65, 129, 130, 131, 200));

  test('of responses hold each response once, in order, whatever the limit', async () => {
    await holdsAsync(
      fc.asyncProperty(limit, async (most) => {
        const pages = await walk('/responses', 'responses', most);
        expect(pages.flat().map(({ responseId }) => responseId)).toEqual(responseIds);
        expect(pages.slice(0, -1).every((page) => page.length === most)).toBe(true);
      }),
      { runs: 8 },
    );
  });

  test('of deliveries hold each delivery once, in order, whatever the limit', async () => {
    await holdsAsync(
      fc.asyncProperty(limit, async (most) => {
        const pages = await walk('/deliveries', 'deliveries', most);
        expect(pages.flat().map(({ webhookId }) => webhookId)).toEqual(webhookIds);
        expect(pages.slice(0, -1).every((page) => page.length === most)).toBe(true);
      }),
      { runs: 8 },
    );
  });
});

describe.each(['responses', 'log', 'invitations', 'audit'])('the pages of the portal’s list: %s', (which) => {
  test('hold each row once, in order, and lead back to where they began', async () => {
    const { path, all, leadsBack } = lists[which]!;
    const pages = [await rowsAt(path, which)];
    for (let next = pages[0]!.older; next !== null; next = pages.at(-1)!.older) {
      pages.push(await rowsAt(next, which));
    }
    expect(pages.flatMap(({ rows }) => rows)).toEqual(all.map(({ name }) => name));
    if (leadsBack) {
      const back = [pages.at(-1)!];
      for (let previous = back[0]!.newer; previous !== null; previous = back.at(-1)!.newer) {
        back.push(await rowsAt(previous, which));
      }
      expect(back.toReversed().map(({ rows }) => rows)).toEqual(pages.map(({ rows }) => rows));
    }
  });

  test('go on exactly behind or in front of any row', async () => {
    const { path, all, leadsBack } = lists[which]!;
    const names = all.map(({ name }) => name);
    await holdsAsync(
      fc.asyncProperty(fc.nat({ max: all.length - 2 }), async (place) => {
        const behind = await rowsAt(`${path}?before=${all[place]!.cursor}`, which);
        expect(behind.rows).toEqual(names.slice(place + 1, place + 1 + ROWS_A_PAGE));
        if (leadsBack) {
          const inFront = await rowsAt(`${path}?after=${all[place]!.cursor}`, which);
          const first = Math.max(place - ROWS_A_PAGE, 0);
          expect(inFront.rows).toEqual(names.slice(first, first + ROWS_A_PAGE));
        }
      }),
      { runs: 10 },
    );
  });
});

test('a page of invitations that lies beyond all of them is the newest one, and does not say that nobody was invited', async () => {
  const { path, all } = lists.invitations!;
  const newest = all.slice(0, ROWS_A_PAGE).map(({ name }) => name);
  for (const beyond of [
    `after=${all[0]!.cursor}`,
    `before=${all.at(-1)!.cursor}`,
    'after=999999999999999',
    'before=0',
  ]) {
    const page = await rowsAt(`${path}?${beyond}`, 'invitations');
    expect([beyond, page.rows]).toEqual([beyond, newest]);
  }
});

describe('a forged cursor', () => {
  const number = fc.oneof(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String), fc.nat().map(String));
  const forged = fc.oneof(
    wholeText,
    number,
    fc.tuple(number, number).map((parts) => parts.join('-')),
    fc.stringMatching(/^[0-9a-f]{12,14}$/),
    fc.stringMatching(/^\d{14,17}-\d{14,16}$/),
    fc.constantFrom(...naughtyStrings, '9'.repeat(400), '1e3', '0x10', '-1', ' 1', '1;select 1', 'fffffffffffff'),
  );
  const portal = fc.constantFrom(
    ...['/responses', '/webhook-log', '/invitations'].flatMap((path) => [`${path}?before`, `${path}?after`]),
    '/audit?before',
  );

  test('of the API is refused in words, or leads to rows of one’s own', async () => {
    await holdsAsync(
      fc.asyncProperty(fc.constantFrom('responses', 'deliveries'), forged, async (name, cursor) => {
        const { status, body } = await watched.api.get(`/${name}?limit=3&cursor=${encodeURIComponent(cursor)}`);
        expect([200, 422]).toContain(status);
        if (status === 422) {
          expect(body).toEqual({
            code: 'invalid_field',
            message: 'cursor: must be the nextCursor of an earlier answer.',
            field: 'cursor',
          });
        } else {
          const own: unknown[] = [...responseIds, ...webhookIds];
          const rows = body[name] as { responseId: number; webhookId?: string }[];
          expect(rows.every(({ responseId, webhookId }) => own.includes(webhookId ?? responseId))).toBe(true);
        }
      }),
      { runs: 100 },
    );
  });

  test('of the portal is refused on a page in words, or leads to a page of the list', async () => {
    await holdsAsync(
      fc.asyncProperty(portal, forged, async (path, cursor) => {
        const { status, text } = await watched.member.get(`${path}=${encodeURIComponent(cursor)}`);
        expect([200, 404, 422]).toContain(status);
        if (status !== 200) {
          expect(text).toMatch(/This page of the (?:list|log|audit trail) (?:was not found|does not exist)\./);
        }
      }),
      { runs: 100 },
    );
  });

  test('that is there twice is refused as well', async () => {
    for (const name of ['responses', 'deliveries']) {
      await watched.api.get(`/${name}?cursor=1&cursor=2`).expect(422);
    }
    for (const path of ['/responses', '/webhook-log', '/invitations', '/audit']) {
      expect([404, 422]).toContain((await watched.member.get(`${path}?before=1&before=2`)).status);
    }
  });
});

async function walk(path: string, name: string, most: number): Promise<Record<string, unknown>[][]> {
  const pages: Record<string, unknown>[][] = [];
  let cursor: string | null = null;
  do {
    const { body }: { body: Record<string, unknown> } = await watched.api
      .get(`${path}?limit=${most}${cursor === null ? '' : `&cursor=${cursor}`}`)
      .expect(200);
    pages.push(body[name] as Record<string, unknown>[]);
    cursor = body.nextCursor as string | null;
  } while (cursor !== null);
  return pages;
}

async function fill(owner: Watched, count: number): Promise<void> {
  const em = web.orm.em.fork();
  const organisationId = owner.organisation.id;
  const invitation = await buildInvitation(web, owner.survey);
  await manyResponses(web, invitation, { count, overall: 7 });
  await web.pool.query(
    `insert into delivery (id, organisation_id, webhook_id, listening_post, record_type, record_id, ticket_id, status)
     select (select coalesce(max(id), (extract(epoch from now()) * 1000 - 1767225600000)::bigint * 4096) from delivery)
              + n * 3 + n % 3, $1, $2, 'transactional', 'response', n, 'T-' || n, 'failed'
       from generate_series(1, $3) n`,
    [organisationId, owner.webhook.id, count],
  );
  for (let thing = 1; thing <= count; thing += 1) {
    await audit(em, { organisationId, actor: null, action: 'thing.done', target: `thing ${thing}.` });
    await buildInvitation(web, owner.survey);
  }
}

/** The order that the lists promise, read from the tables themselves. */
async function listAll(): Promise<void> {
  const id = watched.organisation.id;
  const read = async (sql: string) =>
    (await web.pool.query<{ id: number; name: string; cursor: string }>(sql, [id])).rows;
  const responses = await read(
    `select id, id::text as name, (extract(epoch from completed_at) * 1000000)::bigint || '-' || id as cursor
       from response where organisation_id = $1 order by completed_at desc, id desc`,
  );
  const deliveries = await read(
    `select id, '' as name, '' as cursor from delivery where organisation_id = $1 order by id desc`,
  );
  responseIds = responses.map((row) => row.id).toSorted((one, other) => other - one);
  webhookIds = deliveries.map((row) => webhookIdOf(row.id));
  lists.responses = {
    path: '/responses',
    row: /class="id" href="\/responses\/(\d+)"/g,
    all: responses,
    leadsBack: true,
  };
  const log = webhookIds.map((name) => ({ name, cursor: name }));
  lists.log = { path: '/webhook-log', row: /data-key="([0-9a-f]{13})"/g, all: log, leadsBack: true };
  const invitations = await read(
    'select id, ticket_id as name, id::text as cursor from invitation where organisation_id = $1 order by id desc',
  );
  lists.invitations = {
    path: '/invitations',
    row: /<td[^>]*><strong>([^<]+)<\/strong>/g,
    all: invitations,
    leadsBack: true,
  };
  const entries = await read(
    `select id, coalesce(target, '') as name, id::text as cursor from audit_entry
      where organisation_id = $1 and target like 'thing%' order by id desc`,
  );
  lists.audit = { path: '/audit', row: /(thing \d+\.)/g, all: entries, leadsBack: false };
}

async function rowsAt(path: string, which: string) {
  const { text } = await watched.member.get(path).expect(200);
  const link = (rel: string) => {
    const href = new RegExp(`href="([^"]*)"[^>]* rel="${rel}"`).exec(text)?.[1];
    return href === undefined ? null : href.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
  };
  return {
    rows: [...text.matchAll(lists[which]!.row)].map(([, name]) => name!),
    older: link('next'),
    newer: link('prev'),
  };
}
