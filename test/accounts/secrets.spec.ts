import supertest from 'supertest';
import { newApiKey } from '../../src/accounts/api-key.entity.js';
import { newInvitationToken } from '../../src/accounts/member-invitation.entity.js';
import { Keyring } from '../../src/config/keyring.js';
import { linkPath, newToken } from '../../src/invitations/invitation-link.js';
import { newSigningSecret } from '../../src/outbound/signature.js';
import { TEST_KEYS } from '../support/app.js';
import { useWeb, type TestWeb } from '../support/web.js';

let web: TestWeb;

useWeb((started) => {
  web = started;
});

const keyring = Keyring.parse(TEST_KEYS);

describe('what must not be guessed has at least 128 random bits, and differs each time', () => {
  it.each<[string, () => string | Promise<string>]>([
    ['an API key', () => newApiKey().slice('abk_'.length)],
    ['a link by which a member joins', newInvitationToken],
    ['a survey link', () => linkPath(keyring, { organisationId: 1, ...newToken(keyring, 1) }).slice('/s/'.length)],
    ['a signing secret', () => newSigningSecret().slice('whsec_'.length)],
    ['a session id', async () => /answerback=s%3A([^.]+)\./.exec(await cookie())![1]!],
  ])('%s', async (_what, make) => {
    const made = await Promise.all(Array.from({ length: 20 }, async () => make()));
    const bytes = made.map((text) => Buffer.from(text, 'base64'));
    expect(Math.min(...bytes.map(({ length }) => length))).toBeGreaterThanOrEqual(16);
    expect(new Set(made).size).toBe(20);
    // No byte is the same in all of them: nothing counts, and nothing is padding.
    const constant = Array.from(bytes[0]!.keys()).filter((at) => new Set(bytes.map((each) => each[at])).size < 10);
    expect(constant).toEqual([]);
  });
});

async function cookie(): Promise<string> {
  const { headers } = await supertest(web.url).get('/sign-in').expect(200);
  return headers['set-cookie']![0]!;
}
