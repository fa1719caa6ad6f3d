import { randomBytes } from 'node:crypto';
import { Keyring } from '../config/keyring.js';
import {
  decryptSecret,
  encryptSecret,
  needsReencryption,
  type SecretLocation,
  SecretUnreadable,
} from './encryption.js';

const entry = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const old = entry('k1');
const keyring = Keyring.parse(old);
const here: SecretLocation = { organisationId: 7, table: 'webhook', row: '42', field: 'password' };

function refusal(envelope: string, location = here, keys = keyring): SecretUnreadable | string {
  try {
    return `opened as ${JSON.stringify(decryptSecret(keys, envelope, location))}`;
  } catch (error) {
    if (error instanceof SecretUnreadable) return error;
    throw error;
  }
}

describe('an encrypted secret', () => {
  it.each(['', 'hunter2', 'ünïcödé 🗝️ \u202eright to left', 'line\r\nline\u2028\0', 'x'.repeat(10_000)])(
    'round-trips %j',
    (plaintext) => {
      const envelope = encryptSecret(keyring, plaintext, here);
      expect(envelope).toMatch(/^v1\.k1\.[\w-]{16}\.[\w-]*\.[\w-]{22}$/);
      expect(decryptSecret(keyring, envelope, here)).toBe(plaintext);
    },
  );

  it('looks different each time', () => {
    const envelopes = Array.from({ length: 50 }, () => encryptSecret(keyring, 'hunter2', here));
    expect(new Set(envelopes.map((envelope) => envelope.split('.')[2])).size).toBe(50);
  });

  it.each([
    ['another row', { ...here, row: '43' }],
    ['another organisation', { ...here, organisationId: 8 }],
    ['another field', { ...here, field: 'secret' }],
    ['another table', { ...here, table: 'authorization' }],
    ['names cut elsewhere', { ...here, table: 'webhook4', row: '2' }],
    ['a name that imitates the separator', { ...here, table: 'webhook","42', row: 'password' }],
  ])('does not open in %s', (_where, location) => {
    expect(refusal(encryptSecret(keyring, 'hunter2', here), location)).toMatchObject({ reason: 'tampered or moved' });
  });

  it('does not open in the row it was swapped with', () => {
    const there = { ...here, row: '43' };
    const [mine, theirs] = [encryptSecret(keyring, 'mine', here), encryptSecret(keyring, 'theirs', there)];
    expect(refusal(theirs, here)).toMatchObject({ reason: 'tampered or moved' });
    expect(refusal(mine, there)).toMatchObject({ reason: 'tampered or moved' });
  });

  it.each(['hunter2', 'hunter22', 'hunter222', ''])('of %j opens with no byte of its envelope changed', (plaintext) => {
    const envelope = encryptSecret(keyring, plaintext, here);
    const opened: string[] = [];
    for (let position = 0; position < envelope.length; position += 1) {
      for (const flip of [1, 2, 4, 8, 16, 32, 64, 127]) {
        const bytes = Buffer.from(envelope, 'latin1');
        bytes.writeUInt8(bytes.readUInt8(position) ^ flip, position);
        const changed = bytes.toString('latin1');
        if (!(refusal(changed) instanceof SecretUnreadable)) opened.push(changed);
      }
    }
    expect(opened).toEqual([]);
  });

  it.each([4, 8, 12, 15])('does not open with a tag cut down to %i bytes', (length) => {
    const [version, id, iv, ciphertext, tag = ''] = encryptSecret(keyring, 'hunter2', here).split('.');
    const cut = Buffer.from(tag, 'base64url').subarray(0, length).toString('base64url');
    expect(refusal([version, id, iv, ciphertext, cut].join('.'))).toMatchObject({ reason: 'malformed' });
  });

  it.each(['', 'hunter2', 'v1.....', 'v2.k1.AAAA.AAAA.AAAA'])('that reads %j is malformed', (envelope) => {
    expect(refusal(envelope)).toMatchObject({ reason: 'malformed' });
  });

  it('does not open padded, extended or in plain base64', () => {
    const envelope = encryptSecret(keyring, '\u00fb\u00ff'.repeat(50), here);
    for (const other of [`${envelope}=`, `${envelope}.`, `${envelope}\n`, ` ${envelope}`, `${envelope}A`]) {
      expect(refusal(other)).toMatchObject({ reason: 'malformed' });
    }
  });

  it('opens with the old key after a rotation, and asks to be encrypted anew', () => {
    const envelope = encryptSecret(keyring, 'hunter2', here);
    const rotated = Keyring.parse(`${entry('k2')},${old}`);
    expect(decryptSecret(rotated, envelope, here)).toBe('hunter2');
    expect([needsReencryption(keyring, envelope), needsReencryption(rotated, envelope)]).toEqual([false, true]);

    const renewed = encryptSecret(rotated, decryptSecret(rotated, envelope, here), here);
    expect(renewed).toMatch(/^v1\.k2\./);
    expect(needsReencryption(rotated, renewed)).toBe(false);
  });

  it('does not open under another key of the same id', () => {
    const envelope = encryptSecret(keyring, 'hunter2', here);
    expect(refusal(envelope, here, Keyring.parse(entry('k1')))).toMatchObject({ reason: 'tampered or moved' });
  });

  it('that cannot be read says where it stands and what to do, not what it holds', () => {
    const envelope = encryptSecret(keyring, 'hunter2', here);
    expect(refusal(envelope, here, Keyring.parse(entry('k2')))).toMatchObject({
      reason: 'unknown key',
      message:
        'The secret in webhook.password of row 42 (organisation 7) is encrypted under the key "k1": put that key back ' +
        'into ENCRYPTION_KEYS, or enter it again.',
    });
    expect(refusal('hunter2')).toMatchObject({ message: expect.not.stringContaining('hunter2') });
  });

  it('is refused where it could never be opened again', () => {
    expect(() => encryptSecret(keyring, 'half \ud800', here)).toThrow('lone surrogate');
    expect(() => encryptSecret(keyring, 'hunter2', { ...here, row: '' })).toThrow('give the row its id');
    const fromDriver = JSON.parse('{"organisationId":"7"}');
    expect(() => encryptSecret(keyring, 'hunter2', { ...here, ...fromDriver })).toThrow('organisation as a number');
  });
});
