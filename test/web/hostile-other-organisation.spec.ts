import { roles, type Role } from '../../src/accounts/member.entity.js';
import { arrive, bodyOf, requestTo, useGround, type Ground, PATIENCE_MS } from '../support/hostile-input.js';
import { complaintsAbout, summaryOf } from '../support/hostile-input-answers.js';
import { digestOf } from '../support/hostile-input-digest.js';
import { buildPremises, type Premises } from '../support/hostile-input-premises.js';
import type { Answer, Sent } from '../support/hostile-input-requests.js';
import { addressOf, knownRoutes } from '../support/hostile-input-routes.js';
import { openSession, proofFor } from '../support/hostile-input-sessions.js';
import { parametersOf, type Route } from '../support/routes.js';

const CODE = 'theircode';
const TEXT = 'their secret text';
/** No thing has these. */
const NOBODYS = { id: 999_999_999_999, webhookId: 'fffffffffffff', code: 'nobodyscode' } as const;

let ground: Ground;
let victim: Premises;

useGround(async (given) => {
  ground = given;
  victim = await buildPremises(ground.web, { word: CODE, text: TEXT });
});

/** Behind a session or an API key; what customers and receivers hold a link to is open to whoever holds it. */
function guarded(): Route[] {
  return ground.routes.filter(
    ({ path }) => !/^\/(sign-in|sign-out|join|health|s|t)(\/|$)|^\/receiver\/|^\/$/.test(path),
  );
}

/** The route as we ask for it, with our own proof, for the things of somebody else. */
function requestFor(route: Route, of: Premises): Sent {
  const path = addressOf(route, of);
  const fields = knownRoutes[route.name]?.body?.(of);
  const headers = proofFor(path, ground.own, ground.session);
  return fields
    ? { method: route.method, path, ...bodyOf(path, fields, headers) }
    : { method: route.method, path, headers };
}

/** Things that there are none of, in the form that ours have. */
function nobody(): Premises {
  return {
    ...victim,
    surveyCode: NOBODYS.code,
    webhookId: NOBODYS.webhookId,
    viewer: { id: NOBODYS.id, email: 'nobody@example.com' },
    apiKeyId: NOBODYS.id,
    memberInvitationId: NOBODYS.id,
    groupId: NOBODYS.id,
    invitationId: NOBODYS.id,
    responseId: NOBODYS.id,
    webhookNumber: NOBODYS.id,
    otherWebhookNumber: NOBODYS.id,
    replacedSecretId: NOBODYS.id,
  };
}

const namesTheirs = (route: Route) => addressOf(route, victim) !== addressOf(route, ground.own);

test(
  'their things are not found with our session or key, in the very words for what never was',
  async () => {
    const complaints: string[] = [];
    const before = await digestOf(ground.web, victim.organisationId);
    let asked = 0;
    for (const route of guarded().filter((one) => parametersOf(one).length > 0 && namesTheirs(one))) {
      const [theirs, nobodys] = await ground.sender.sendAll([requestFor(route, victim), requestFor(route, nobody())]);
      asked += 1;
      if (theirs!.status !== 404 || wordsOf(theirs!, victim) !== wordsOf(nobodys!, nobody())) {
        complaints.push(`${summaryOf(theirs!)} | and of nobody's: ${summaryOf(nobodys!)}`);
      }
      complaints.push(...complaintsAbout(theirs!));
    }
    expect(complaints).toEqual([]);
    expect(asked).toBeGreaterThan(10);
    expect(await digestOf(ground.web, victim.organisationId)).toEqual(before);
  },
  PATIENCE_MS,
);

test(
  'no answer to us holds a word of theirs, whatever of theirs is named in a path, a query or a body',
  async () => {
    const before = await digestOf(ground.web, victim.organisationId);
    const answers: Answer[] = [];
    for (const route of guarded().filter(({ name }) => !knownRoutes[name]?.endsSession)) {
      answers.push(await ground.sender.send(requestFor(route, victim)));
    }
    // Their code alone comes back where we typed it ourselves; it also stands in their e-mails and addresses.
    const told = answers.filter(({ text, headers }) => {
      const answer = `${text} ${JSON.stringify(headers)}`;
      return answer.includes(TEXT) || /[\w@-]theircode|theircode[\w.]/.test(answer);
    });
    expect(told.map(summaryOf)).toEqual([]);
    expect(answers.flatMap(complaintsAbout)).toEqual([]);
    expect(await digestOf(ground.web, victim.organisationId)).toEqual(before);
  },
  PATIENCE_MS,
);

test(
  'the words are there for their own people, so that the tests above would find them',
  async () => {
    const session = await openSession(ground.sender, victim.admin);
    // Neither the API, which answers to its keys, nor the numbers of the whole process.
    const lists = guarded().filter(({ method, path }) => method === 'GET' && !/^\/(api|metrics)(\/|$)/.test(path));
    const answers = await ground.sender.sendAll(lists.map((route) => requestTo({ own: victim, session }, route)));
    const silent = answers.filter(({ status, text }) => status === 200 && !text.includes(TEXT));
    expect(silent.map(({ sent }) => sent.path)).toEqual([]);
  },
  PATIENCE_MS,
);

describe.each(roles.filter((role) => role !== 'admin').map((role) => [role]))('a %s', (role: Role) => {
  test(
    'changes nothing by what the role does not include',
    async () => {
      const session = await arrive(ground, ground.own, role);
      const before = await digestOf(ground.web, ground.own.organisationId);
      const refused: string[] = [];
      const writers = guarded().filter(({ method, path }) => method !== 'GET' && !path.startsWith('/api/'));
      for (const route of writers.filter(({ path }) => !mayUse(role, path))) {
        const answer = await ground.sender.send(requestTo({ own: ground.own, session }, route));
        refused.push(...(answer.status === 403 ? [] : [summaryOf(answer)]), ...complaintsAbout(answer));
      }
      expect(refused).toEqual([]);
      expect(await digestOf(ground.web, ground.own.organisationId)).toEqual(before);
    },
    PATIENCE_MS,
  );
});

/** What test/portal/roles.spec.ts lists for each role, by the beginnings of paths. */
function mayUse(role: Role, path: string): boolean {
  const beyond = { developer: /^\/(members|preferences\/general)/, support_lead: WIRING, viewer: WRITING };
  return !beyond[role as keyof typeof beyond].test(path);
}

const WIRING = /^\/(members|preferences|webhook-log|receiver|surveys)/;
const WRITING = /^\/(members|preferences|webhook-log|receiver|surveys|invitations|directory)/;

/** The page or error without the token of its forms, and without the thing's name, which whoever asks knows. */
function wordsOf({ status, text }: Answer, { webhookId, surveyCode, otherWebhookNumber }: Premises): string {
  const plain = text
    .replaceAll(/name="_csrf" value="\w+"/g, '')
    .replaceAll(`The webhook ${otherWebhookNumber} was`, 'NAME was');
  return `${status} ${plain.replaceAll(webhookId, 'NAME').replaceAll(surveyCode, 'NAME')}`;
}
