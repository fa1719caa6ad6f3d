import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { createKeyringFile, Keyring } from './keyring.js';

const entry = (id: string, bytes = 32) => `${id}:${randomBytes(bytes).toString('base64')}`;
const aCheckLater = () => sleep(1100);

describe('a keyring', () => {
  it('encrypts under its first key and finds every one', () => {
    const keyring = Keyring.parse(`${entry('new')}, ${entry('old')}\n${entry('older')}\n`);
    expect(keyring.active.id).toBe('new');
    expect(['new', 'old', 'older', 'none'].map((id) => keyring.find(id)?.id)).toEqual([
      'new',
      'old',
      'older',
      undefined,
    ]);
  });

  it('takes base64 and base64url, with and without padding', () => {
    const bytes = Buffer.alloc(32, 0xfb);
    for (const text of [bytes.toString('base64'), bytes.toString('base64url'), `${bytes.toString('base64url')}=`]) {
      expect(Keyring.parse(`k1:${text}`).active.secret.export()).toEqual(bytes);
    }
  });

  it.each([
    ['', 'there is no key in it'],
    [' ,\n', 'there is no key in it'],
    ['canary', 'entry 1 is not an id, a colon and 32 bytes in base64'],
    [`${entry('a')},${entry('b', 31)}`, 'entry 2 is not an id, a colon and 32 bytes in base64'],
    [entry('a', 33), 'entry 1 is not an id, a colon and 32 bytes in base64'],
    [entry('a.b'), 'entry 1 is not an id, a colon and 32 bytes in base64'],
    [`${entry('a')},${entry('b')},${entry('a')}`, 'entry 3 has the id of an earlier entry'],
  ])('%j is refused by position', (text, message) => {
    expect(() => Keyring.parse(text)).toThrow(message);
  });

  it('shows no key when it is logged', () => {
    const secret = randomBytes(32);
    const keyring = Keyring.parse(`k1:${secret.toString('base64')}`);
    const shown = inspect([keyring, keyring.active], { depth: 9, showHidden: true }) + JSON.stringify(keyring.active);
    for (const form of ['base64', 'hex'] as const) expect(shown).not.toContain(secret.toString(form));
    expect(shown).not.toContain(inspect(secret).slice(0, 30));
  });
});

describe('a keyring file', () => {
  let folder: string;
  let path: string;
  let warnings: string[];
  const open = () => Keyring.fromSource(`file:${path}`, (problem) => warnings.push(problem));
  const write = (text: string) => writeFileSync(path, text, { mode: 0o600 });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyring-'));
    path = join(folder, 'keys');
    warnings = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is read again within about a second of being rewritten', async () => {
    const first = entry('k1');
    write(`${first}\n`);
    const keyring = open();
    write(`${entry('k2')}\n${first}\n`);
    expect(keyring.active.id).toBe('k1');
    await aCheckLater();
    expect(keyring.active.id).toBe('k2');
    expect(keyring.find('k1')?.id).toBe('k1');
  });

  it('is read again at once when a key is asked for that it did not hold', () => {
    write(entry('k1'));
    const keyring = open();
    writeFileSync(join(folder, 'new'), `${entry('k2')}\n`, { mode: 0o600 });
    renameSync(join(folder, 'new'), path);
    expect(keyring.find('k2')?.id).toBe('k2');
    expect(keyring.active.id).toBe('k2');
  });

  it('that breaks while running is reported once, and the keys read before stay', async () => {
    write(entry('k1'));
    const keyring = open();
    write('half writ');
    expect([keyring.find('k2'), keyring.find('k2')]).toEqual([undefined, undefined]);
    expect(keyring.active.id).toBe('k1');
    const kept = 'The keys read before stay in use until the file is put right.';
    const broken = `The keyring ${path} cannot be read again, because entry 1 is not an id, a colon and 32 bytes in base64. ${kept}`;
    expect(warnings).toEqual([broken]);

    rmSync(path);
    await aCheckLater();
    expect(keyring.active.id).toBe('k1');
    expect(warnings).toEqual([broken, expect.stringContaining('because the file does not exist')]);

    write(entry('k3'));
    await aCheckLater();
    expect(keyring.active.id).toBe('k3');
    expect(warnings).toHaveLength(2);
  });

  it('that is missing or unusable at the start is refused', () => {
    expect(open).toThrow(`the file does not exist (a relative path starts at ${process.cwd()})`);
    write('');
    expect(open).toThrow('there is no key in it');
    expect(() => Keyring.fromSource(`file:${folder}`)).toThrow('the file cannot be read (EISDIR)');
  });

  it('that others can read is used with a warning', () => {
    write(entry('k1'));
    chmodSync(path, 0o640);
    expect(open().active.id).toBe('k1');
    expect(warnings).toEqual([
      `Other users of this machine can read the encryption keys in ${path} (mode 640): run chmod 600 ${path}.`,
    ]);
  });

  it('is made with one new key, for its owner only', () => {
    path = join(folder, 'data', 'keys');
    expect(createKeyringFile(path)).toBe(`file:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(open().active.id).toBe('k1');
    expect(warnings).toEqual([]);
  });

  it('that is there already is left alone', () => {
    createKeyringFile(path);
    const before = readFileSync(path, 'utf8');
    expect(createKeyringFile(path)).toBe(`file:${path}`);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['keys']);
  });
});
