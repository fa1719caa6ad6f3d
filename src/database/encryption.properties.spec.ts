import * as fc from 'fast-check';
import { anyText, holds, naughtyExamples, wholeText } from '../../test/support/properties.js';
import { Keyring } from '../config/keyring.js';
import {
  decryptSecret,
  encryptSecret,
  needsReencryption,
  type SecretLocation,
  SecretUnreadable,
} from './encryption.js';

const keyId = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const keys = fc.uniqueArray(fc.record({ id: keyId, secret: fc.uint8Array({ minLength: 32, maxLength: 32 }) }), {
  minLength: 2,
  maxLength: 4,
  selector: ({ id }) => id,
});
type Keys = { id: string; secret: Uint8Array }[];

const name = anyText.filter((text) => text !== '');
const location: fc.Arbitrary<SecretLocation> = fc.record({
  organisationId: fc.maxSafeInteger(),
  table: name,
  row: name,
  field: name,
});
const here: SecretLocation = { organisationId: 7, table: 'webhook', row: '42', field: 'password' };

function keyringOf(entries: Keys): Keyring {
  return Keyring.parse(entries.map(({ id, secret }) => `${id}:${Buffer.from(secret).toString('base64')}`).join('\n'));
}

/** What became of opening it; anything but these two is a crash. */
function opened(keyring: Keyring, envelope: string, where: SecretLocation): { text: string } | { refused: string } {
  try {
    return { text: decryptSecret(keyring, envelope, where) };
  } catch (error) {
    if (error instanceof SecretUnreadable) return { refused: error.reason };
    throw error;
  }
}

const keyring = keyringOf([{ id: 'k1', secret: new Uint8Array(32).fill(7) }]);

describe('any secret, wherever it stands', () => {
  test('opens as it was', () => {
    holds(
      fc.property(keys, wholeText, location, (entries, text, where) => {
        const ring = keyringOf(entries);
        expect(opened(ring, encryptSecret(ring, text, where), where)).toEqual({ text });
      }),
      { runs: 1_000 },
    );
  });

  test('opens as it was, however naughty', () => {
    const examples = naughtyExamples.filter(([text]) => text.isWellFormed());
    holds(
      fc.property(wholeText, (text) => {
        expect(opened(keyring, encryptSecret(keyring, text, here), here)).toEqual({ text });
      }),
      { runs: 100, examples },
    );
  });

  test('opens with no byte of its envelope changed, in whatever way', () => {
    holds(
      fc.property(wholeText, fc.nat(), fc.integer({ min: 1, max: 255 }), (text, place, flip) => {
        const bytes = Buffer.from(encryptSecret(keyring, text, here), 'latin1');
        bytes[place % bytes.length]! ^= flip;
        expect(opened(keyring, bytes.toString('latin1'), here)).toHaveProperty('refused');
      }),
      { runs: 2_000 },
    );
  });

  test('opens with no byte of its iv, ciphertext or tag changed', () => {
    holds(
      fc.property(
        wholeText,
        fc.integer({ min: 2, max: 4 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (text, part, place, flip) => {
          const parts = encryptSecret(keyring, text, here).split('.');
          const bytes = Buffer.from(parts[part]!, 'base64url');
          fc.pre(bytes.length > 0);
          bytes[place % bytes.length]! ^= flip;
          parts[part] = bytes.toString('base64url');
          expect(opened(keyring, parts.join('.'), here)).toEqual({ refused: 'tampered or moved' });
        },
      ),
      { runs: 2_000 },
    );
  });

  test('opens nowhere else: not for another tenant, table, row or field', () => {
    const change = fc.constantFrom<(keyof SecretLocation)[]>('organisationId', 'table', 'row', 'field');
    holds(
      fc.property(
        wholeText,
        location,
        location,
        fc.uniqueArray(change, { minLength: 1 }),
        (text, where, other, which) => {
          const moved = { ...where, ...Object.fromEntries(which.map((part) => [part, other[part]])) };
          fc.pre(which.some((part) => where[part] !== other[part]));
          expect(opened(keyring, encryptSecret(keyring, text, where), moved)).toEqual({ refused: 'tampered or moved' });
        },
      ),
      { runs: 2_000 },
    );
  });

  test('opens in no place whose names are cut elsewhere', () => {
    holds(
      fc.property(fc.tuple(name, name, name), fc.nat(), fc.nat(), ([table, row, field], first, second) => {
        const joined = table + row + field;
        const [one, two] = [first % joined.length, second % joined.length].toSorted((a, b) => a - b);
        const cut = { table: joined.slice(0, one), row: joined.slice(one, two), field: joined.slice(two) };
        fc.pre(Object.values(cut).every((part) => part !== '') && cut.table.length !== table.length);
        const envelope = encryptSecret(keyring, 'x', { organisationId: 7, table, row, field });
        expect(opened(keyring, envelope, { organisationId: 7, ...cut })).toEqual({ refused: 'tampered or moved' });
      }),
      { runs: 1_000 },
    );
  });

  test('opens with no tag cut short', () => {
    holds(
      fc.property(wholeText, fc.integer({ min: 0, max: 15 }), (text, length) => {
        const parts = encryptSecret(keyring, text, here).split('.');
        parts[4] = Buffer.from(parts[4]!, 'base64url').subarray(0, length).toString('base64url');
        expect(opened(keyring, parts.join('.'), here)).toEqual({ refused: 'malformed' });
      }),
      { runs: 500 },
    );
  });

  test('under a key that is gone is refused as such, and the key is named', () => {
    holds(
      fc.property(keys, wholeText, location, ([gone, ...left], text, where) => {
        const envelope = encryptSecret(keyringOf([gone!]), text, where);
        expect(opened(keyringOf(left), envelope, where)).toEqual({ refused: 'unknown key' });
        expect(() => decryptSecret(keyringOf(left), envelope, where)).toThrow(`under the key "${gone!.id}"`);
      }),
      { runs: 500 },
    );
  });

  test('lives through a rotation: it opens, says that it is old, and is new when it was encrypted anew', () => {
    holds(
      fc.property(keys, wholeText, location, ([added, ...old], text, where) => {
        const envelope = encryptSecret(keyringOf(old), text, where);
        const rotated = keyringOf([added!, ...old]);
        expect([needsReencryption(keyringOf(old), envelope), needsReencryption(rotated, envelope)]).toEqual([
          false,
          true,
        ]);
        const renewed = encryptSecret(rotated, decryptSecret(rotated, envelope, where), where);
        expect(needsReencryption(rotated, renewed)).toBe(false);
        expect(opened(keyringOf([added!]), renewed, where)).toEqual({ text });
      }),
      { runs: 500 },
    );
  });
});

test('any other text is no envelope, and no crash', () => {
  holds(
    fc.property(anyText, (text) => {
      expect(opened(keyring, text, here)).toHaveProperty('refused');
      expect(opened(keyring, `v1.k1.${text}`, here)).toHaveProperty('refused');
      expect(needsReencryption(keyring, text)).toBe(true);
    }),
    { runs: 2_000, examples: naughtyExamples },
  );
});

test('half a character is refused before anything is encrypted', () => {
  holds(
    fc.property(wholeText, fc.integer({ min: 0xd800, max: 0xdfff }), (text, half) => {
      fc.pre(!(text + String.fromCharCode(half)).isWellFormed());
      expect(() => encryptSecret(keyring, text + String.fromCharCode(half), here)).toThrow(TypeError);
    }),
    { runs: 200 },
  );
});
