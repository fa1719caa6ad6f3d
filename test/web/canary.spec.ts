import { Logger, type LoggerService } from '@nestjs/common';
import { roles } from '../../src/accounts/member.entity.js';
import { describeEnvironment, Environment } from '../../src/config/environment.js';
import { asOwner } from '../support/database.js';
import { TEST_KEYS } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { arrive, bodyOf, requestTo, useGround, type Ground } from '../support/hostile-input.js';
import { escapedCanaries, type Canary, type Place } from '../support/hostile-input-canaries.js';
import { everyRow } from '../support/hostile-input-digest.js';
import { PASSWORD } from '../support/hostile-input-premises.js';
import type { Answer, Sent } from '../support/hostile-input-requests.js';
import { proofFor, type Session } from '../support/hostile-input-sessions.js';

const WEBHOOK_PASSWORD = 'canary"of<the>webhook&=password';
const NEW_PASSWORD = 'walnut-harbour-comet-9';
const REFUSED_PASSWORD = 'heron-violin-quarry-7';
const MISPLACED_PASSWORD = 'ferry-cactus-anvil-58';

let ground: Ground;
const log: string[] = [];
const places: Place[] = [];
/** Made while the product is used, and seen once. */
const shown: Record<'signing secret' | 'new API key' | 'new member invitation', string> = {
  'signing secret': '',
  'new API key': '',
  'new member invitation': '',
};

useGround(async (given) => {
  ground = given;
  Logger.overrideLogger(everyLevelInto(log));
  log.push(JSON.stringify(describeEnvironment(ground.web.app.get(Environment))));
  await useEverything();
  await breakEveryTable();
  await readEverything();
});
afterAll(() => Logger.overrideLogger(false));

function canaries(): Canary[] {
  const { own, session, database } = ground;
  const [id, signature] = decodeURIComponent(String(session.Cookie).split('=')[1]!).slice(2).split('.') as [
    string,
    string,
  ];
  const surveyToken = own.surveyPath.split('/')[2]!;
  const ownLink = { where: /^(GET|POST) \/(s|join)\//, because: 'the form of the link’s own page sends to the link' };
  return [
    { name: 'the webhook’s password', secret: WEBHOOK_PASSWORD },
    { name: 'a member’s password', secret: PASSWORD },
    { name: 'a new member’s password', secret: NEW_PASSWORD },
    { name: 'a password that was refused', secret: REFUSED_PASSWORD },
    {
      name: 'a password that was typed where the e-mail belongs',
      secret: MISPLACED_PASSWORD,
      except: [{ where: /^POST \/sign-in/, because: 'the form shows again what was typed into that field' }],
    },
    { name: 'the encryption key', secret: TEST_KEYS.split(':')[1]! },
    { name: 'the database’s password', secret: decodeURIComponent(new URL(database.appUrl).password) },
    { name: 'the API key', secret: own.apiKey },
    { name: 'the session’s signature', secret: signature },
    {
      name: 'the session’s id',
      secret: id,
      except: [{ where: /^table session$/, because: 'it opens nothing without its signature' }],
    },
    {
      name: 'the signing secret',
      secret: shown['signing secret'],
      except: [{ where: /^revealed/, because: 'it is shown once, on the page after it was made' }],
    },
    {
      name: 'the new API key',
      secret: shown['new API key'],
      except: [{ where: /^revealed/, because: 'it is shown once, on the page after it was made' }],
    },
    {
      name: 'a new member’s invitation',
      secret: shown['new member invitation'],
      except: [ownLink, { where: /^revealed/, because: 'it is shown once, on the page after it was made' }],
    },
    { name: 'a member’s invitation', secret: own.joinToken, except: [ownLink] },
    {
      name: 'a survey’s link',
      secret: surveyToken,
      except: [
        ownLink,
        { where: /^GET \/invitations/, because: 'members copy the link from here into their mails' },
        { where: /^POST \/api\/v1\/invitations/, because: 'the ticket system asks for the link' },
      ],
    },
  ];
}

test('no secret is in a page, an answer, an error, a line of the log or a table', () => {
  expect(escapedCanaries(canaries(), places)).toEqual([]);
});

test('the search would find them: each is where it may be, and the places are full', () => {
  const excepted = canaries().filter(({ except }) => except);
  const found = escapedCanaries(
    excepted.map(({ name, secret }) => ({ name, secret })),
    places,
  );
  expect(
    excepted.filter(({ name }) => !found.some((line) => line.startsWith(`${name} `))).map(({ name }) => name),
  ).toEqual([]);
  expect(places.length).toBeGreaterThan(200);
  expect(log.filter((line) => line.includes('failed unexpectedly')).length).toBeGreaterThan(20);
  const exchanges = places.find(({ where }) => where === 'table exchange')!.text;
  expect(exchanges).toContain('Basic •••');
});

/** Deliveries that arrive and that do not, secrets made and shown, people invited and joined. */
async function useEverything(): Promise<void> {
  const { own, web } = ground;
  const url = `${web.url}/receiver/${own.portalCode}`;
  const api = '/api/v1/integration-preferences/transactional';
  const preferences = { enabled: true, url, username: 'answerback', password: WEBHOOK_PASSWORD };
  await ask('PUT', api, preferences);
  for (const answer of ['ok', 'error', 'reset']) {
    await ask('POST', '/receiver-settings', { answer });
    await ask('POST', own.surveyPath, { overall: '3', comments: answer, form: `form-id-${answer}` });
    await ask('POST', `${api}/test-deliveries`, {});
    await quiet();
  }
  await ask('PUT', api, { url: `${url}?token=a` });
  await ask('POST', `/webhook-log/${own.webhookId}/redelivery`, {});
  await quiet();

  const secrets = await ask('POST', '/preferences/integration/transactional/signing-secrets', {});
  shown['signing secret'] = await reveal(secrets, /whsec_[\w+/=]+/);
  shown['new API key'] = await reveal(await ask('POST', '/preferences/api-keys', { name: 'Reporting' }), /abk_[\w-]+/);
  const invited = await ask('POST', '/members/invitations', { email: 'n@example.com', name: 'Nora', role: 'viewer' });
  shown['new member invitation'] = (await reveal(invited, /\/join\/([\w-]{43})/)).slice('/join/'.length);
  await ask('POST', `/join/${own.joinToken}`, { name: 'Nora', password: 'short', again: REFUSED_PASSWORD });
  const join = { name: 'Nora', password: NEW_PASSWORD, again: NEW_PASSWORD };
  await ask('POST', `/join/${shown['new member invitation']}`, join, await arrive(ground, own));
  await ask('POST', '/account/password', {
    current: REFUSED_PASSWORD,
    password: NEW_PASSWORD,
    again: REFUSED_PASSWORD,
  });
  await ask('POST', '/sign-in', { email: own.admin.email, password: REFUSED_PASSWORD }, await arrive(ground, own));
  await ask('POST', '/sign-in', { email: MISPLACED_PASSWORD, password: PASSWORD }, await arrive(ground, own));
  await ask('POST', '/api/v1/invitations', { ticketId: 'T-ourownword', supportGroupCode: 'SDESK' });
}

/** Whatever fails in the database fails in the log, with every secret on its way. */
async function breakEveryTable(): Promise<void> {
  const { own, database } = ground;
  const sql = asOwner(database);
  const join = { name: 'Nora', password: NEW_PASSWORD, again: NEW_PASSWORD };
  const visitor = await arrive(ground, own, 'viewer');
  for (const table of BROKEN) {
    await sql(`alter table ${table} rename to gone`);
    await ask('POST', '/sign-in', { email: own.admin.email, password: PASSWORD }, visitor);
    await ask('GET', `/join/${own.joinToken}`);
    await ask('POST', `/join/${own.joinToken}`, { ...join, again: 'other' }, visitor);
    await ask('GET', own.surveyPath);
    await ask('POST', own.surveyPath, { overall: '3', comments: table });
    await ask('PUT', '/api/v1/integration-preferences/transactional', { password: WEBHOOK_PASSWORD });
    await ask('POST', '/preferences/integration/transactional', {
      enabled: 'on',
      url: ground.web.url,
      password: WEBHOOK_PASSWORD,
    });
    await ask('POST', '/preferences/integration/transactional/signing-secrets', {});
    await ask('POST', '/preferences/api-keys', { name: 'Broken' });
    await ask('GET', '/api/v1/surveys');
    await sql(`alter table gone rename to ${table}`);
  }
}

const BROKEN = [
  'member',
  'session',
  'api_key',
  'organisation',
  'audit_entry',
  'invitation',
  'member_invitation',
  'webhook',
  'webhook_authorization',
  'signing_secret',
  'sign_in_counter',
  'submission',
];

/** Every page and list for every role, every refusal, the log and the tables. */
async function readEverything(): Promise<void> {
  const { own, routes, sender } = ground;
  const readers = await Promise.all(roles.map(async (role) => [role, await arrive(ground, own, role)] as const));
  for (const [role, session] of [...readers, ['nobody', {}] as const]) {
    const all = routes
      .filter(({ method }) => method === 'GET')
      .map((route) => requestTo({ own, session }, route))
      .map((sent): Sent => (role === 'nobody' ? { ...sent, headers: {} } : sent));
    const answers = await sender.sendAll([
      ...all,
      ...all.map(({ path }): Sent => ({ method: 'DELETE', path, headers: session })),
    ]);
    places.push(...answers.map((answer) => placeOf(answer, `as ${role}`)));
  }
  places.push({ where: 'log', text: log.join('\n') });
  places.push(
    ...[...(await everyRow(ground.web))].map(([name, rows]) => ({ where: `table ${name}`, text: rows.join('\n') })),
  );
}

async function ask(
  method: string,
  path: string,
  fields?: Record<string, unknown>,
  session: Session = ground.session,
): Promise<Answer> {
  const headers = proofFor(path, ground.own, session);
  const answer = await ground.sender.send({ method, path, ...(fields ? bodyOf(path, fields, headers) : { headers }) });
  places.push(placeOf(answer, 'with a session'));
  return answer;
}

/** Follows a form to the page that shows what was made, once. */
async function reveal({ headers }: Answer, pattern: RegExp): Promise<string> {
  const path = String(headers.location).split('#')[0]!;
  const { text } = await ground.sender.send({ method: 'GET', path, headers: ground.session });
  places.push({ where: `revealed at ${path}`, text });
  const plain = text.replaceAll('&#x3D;', '=');
  return pattern.exec(plain)![0];
}

function placeOf({ sent, text, headers }: Answer, whose: string): Place {
  return { where: `${sent.method} ${sent.path} ${whose}`, text: `${JSON.stringify(withoutCookies(headers))}\n${text}` };
}

/** Setting the session's cookie is what the header is for. */
function withoutCookies(headers: Answer['headers']): Answer['headers'] {
  const { 'set-cookie': _, ...others } = headers;
  return others;
}

/** Until no call is due or under way. */
async function quiet(): Promise<void> {
  await eventually(async () => {
    const { rows } = await ground.web.pool.query<{ due: number }>(
      `select (select count(*) from event_pending) + (select count(*) from due_attempt
        where claim_id is not null or (due_at <= clock_timestamp() and not paused)) as due`,
    );
    return rows[0]!.due === 0;
  }, 60_000);
}

function everyLevelInto(lines: string[]): LoggerService {
  const write = (...parts: unknown[]) =>
    void lines.push(parts.map((part) => (part instanceof Error ? part.stack : String(part))).join(' '));
  return { log: write, error: write, warn: write, debug: write, verbose: write, fatal: write };
}
