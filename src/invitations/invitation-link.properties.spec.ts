import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { anyText, holds, naughtyExamples } from '../../test/support/properties.js';
import { Keyring } from '../config/keyring.js';
import { linkPath, newToken, tokenHashOf } from './invitation-link.js';

const keyring = Keyring.parse(`k1:${Buffer.alloc(32, 7).toString('base64')}`);

describe('a survey token', () => {
  test('is found by the link that is made of it, for any organisation, and is no other’s', () => {
    holds(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: 1 }), (organisationId, step) => {
        const made = newToken(keyring, organisationId);
        const path = linkPath(keyring, { organisationId, ...made });
        expect(path).toMatch(/^\/s\/[\w-]{32}$/);
        expect(tokenHashOf(path.slice('/s/'.length))).toEqual(made.tokenHash);
        expect(() => linkPath(keyring, { organisationId: organisationId + step, ...made })).toThrow('enter it again');
      }),
      { runs: 300 },
    );
  });

  test('with any character changed, left out or added finds nothing', () => {
    holds(
      fc.property(fc.nat({ max: 31 }), anyText, (place, instead) => {
        const made = newToken(keyring, 1);
        const token = linkPath(keyring, { organisationId: 1, ...made }).slice('/s/'.length);
        const changed = token.slice(0, place) + instead + token.slice(place + 1);
        fc.pre(changed !== token);
        expect(tokenHashOf(changed)?.equals(made.tokenHash) ?? false).toBe(false);
      }),
      { runs: 1_000 },
    );
  });

  test('is 32 characters of an alphabet, and no other text is looked for at all', () => {
    holds(
      fc.property(fc.oneof(anyText, fc.stringMatching(/^[A-Za-z0-9_-]{30,34}$/)), (text) => {
        const isToken =
          text.length === 32 && [...text].every((letter) => /[a-z0-9_-]/i.test(letter) && letter < '\u0080');
        const hash = isToken ? createHash('sha256').update(text).digest() : null;
        expect(tokenHashOf(text)).toEqual(hash);
      }),
      { runs: 1_000, examples: naughtyExamples },
    );
  });
});
