import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Logger } from '@nestjs/common';

/** A KeyObject, because unlike a Buffer it shows nothing when it is logged or turned into JSON. */
export interface EncryptionKey {
  readonly id: string;
  readonly secret: KeyObject;
}

/**
 * The keys that stored secrets are encrypted under: the first one encrypts, every one decrypts.
 *
 * A keyring from a file rotates while the process runs: put a new key first, keep the old ones until everything is
 * encrypted anew. The file is looked at on use, at most once a second, and at once when a key is asked for that the
 * keyring does not hold (another process may have read the rotated file first).
 */
export class Keyring {
  #keys: Keys;
  readonly #file: KeyringFile | undefined;

  private constructor(keys: Keys, file?: KeyringFile) {
    this.#keys = keys;
    this.#file = file;
  }

  /** @throws BadKeyring, whose message names entries by position only: any part of them may be a secret. */
  static parse(text: string): Keyring {
    return new Keyring(parseKeys(text));
  }

  /**
   * @param source the text of a keyring, or `file:<path>`
   * @param warn   told once about each problem of the file that does not keep the keyring from working
   * @throws BadKeyring when the first reading fails; later ones keep the keys they had
   */
  static fromSource(source: string, warn: (problem: string) => void = logWarning): Keyring {
    const path = keyringPath(source);
    if (path === undefined) return Keyring.parse(source);

    const file = new KeyringFile(path, warn);
    const keys = file.read();
    file.warnWhenOthersCanRead();
    return new Keyring(keys, file);
  }

  get active(): EncryptionKey {
    return this.all[0];
  }

  /** The active key first. The same array as long as nothing changed. */
  get all(): readonly [EncryptionKey, ...EncryptionKey[]] {
    this.#keys = this.#file?.newerKeys() ?? this.#keys;
    return this.#keys;
  }

  find(id: string): EncryptionKey | undefined {
    this.#keys = this.#file?.newerKeys() ?? this.#keys;
    const held = this.#keys.find((key) => key.id === id);
    if (held || !this.#file) return held;

    this.#keys = this.#file.readAgain() ?? this.#keys;
    return this.#keys.find((key) => key.id === id);
  }
}

/** What is wrong with a keyring, as a clause that fits into a sentence. Holds no key material. */
export class BadKeyring extends Error {
  override readonly name = 'BadKeyring';
}

/** The absolute path that `file:<path>` names; undefined for a keyring given as text. */
export function keyringPath(source: string): string | undefined {
  return source.startsWith('file:') ? resolve(source.slice('file:'.length)) : undefined;
}

/**
 * Makes a keyring of one new key at the path, mode 0600, unless a file is there already; returns its source.
 *
 * The file appears whole or not at all, under its name only if nobody else was faster (link refuses an existing
 * name), and is on disk before anything can be encrypted under it: a key lost in a power cut loses every secret.
 */
export function createKeyringFile(path: string): string {
  const folder = dirname(resolve(path));
  const draft = `${resolve(path)}.${process.pid}.${randomBytes(4).toString('hex')}.new`;
  // No mode of its own: an embedded PostgreSQL, which is another user under root, may have to enter the folder.
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(draft, `k1:${randomBytes(32).toString('base64')}\n`, { flag: 'wx', mode: 0o600, flush: true });
    linkSync(draft, path);
    flushFolder(folder);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return `file:${resolve(path)}`;
}

type Keys = readonly [EncryptionKey, ...EncryptionKey[]];

const CHECK_INTERVAL_MS = 1000;

class KeyringFile {
  #fingerprint = '';
  #checkedAt = 0;
  #reported: string | undefined;

  constructor(
    private readonly path: string,
    private readonly warn: (problem: string) => void,
  ) {}

  newerKeys(): Keys | undefined {
    if (performance.now() - this.#checkedAt < CHECK_INTERVAL_MS) return undefined;
    this.#checkedAt = performance.now();
    return fingerprint(this.path) === this.#fingerprint ? undefined : this.readAgain();
  }

  readAgain(): Keys | undefined {
    try {
      const keys = this.read();
      this.#reported = undefined;
      return keys;
    } catch (error) {
      if (!(error instanceof BadKeyring)) throw error;
      this.#reportOnce(error.message);
      return undefined;
    }
  }

  read(): Keys {
    // The fingerprint comes first: a file written in between then looks changed, and is read once more.
    this.#fingerprint = fingerprint(this.path);
    this.#checkedAt = performance.now();
    return parseKeys(readText(this.path));
  }

  /** A warning, no refusal: a secret mounted by an orchestrator often has a mode nobody chose. */
  warnWhenOthersCanRead(): void {
    const mode = statSync(this.path).mode & 0o777;
    if (process.platform === 'win32' || (mode & 0o044) === 0) return;
    this.warn(
      `Other users of this machine can read the encryption keys in ${this.path} (mode ${mode.toString(8)}): ` +
        `run chmod 600 ${this.path}.`,
    );
  }

  #reportOnce(reason: string): void {
    if (reason === this.#reported) return;
    this.#reported = reason;
    this.warn(
      `The keyring ${this.path} cannot be read again, because ${reason}. ` +
        'The keys read before stay in use until the file is put right.',
    );
  }
}

/** Changes whenever the file is replaced or rewritten; empty when it cannot be reached, which reading it then says. */
function fingerprint(path: string): string {
  try {
    const file = statSync(path, { bigint: true });
    return `${file.dev}:${file.ino}:${file.size}:${file.mtimeNs}`;
  } catch {
    return '';
  }
}

// The messages leave the path out: where somebody wrote a key after "file:", it would be printed.
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new BadKeyring(`the file does not exist (a relative path starts at ${process.cwd()})`);
    }
    throw new BadKeyring(`the file cannot be read (${errorCode(error)})`);
  }
}

function parseKeys(text: string): Keys {
  const [first, ...others] = text.split(/[\s,]+/).filter((entry) => entry !== '');
  if (first === undefined) throw new BadKeyring('there is no key in it');

  const keys: Keys = [parseKey(first, 0), ...others.map((entry, index) => parseKey(entry, index + 1))];
  const repeated = keys.findIndex(({ id }, index) => keys.findIndex((key) => key.id === id) < index);
  if (repeated !== -1) throw new BadKeyring(`entry ${repeated + 1} has the id of an earlier entry`);
  return keys;
}

/** Ids are free of dots and colons, which separate the parts of an envelope and of an entry. */
const ENTRY = /^(?<id>[A-Za-z0-9_-]{1,64}):(?<key>[A-Za-z0-9+/]{43}=|[A-Za-z0-9_-]{43}=?)$/;

function parseKey(entry: string, index: number): EncryptionKey {
  const { id, key } = ENTRY.exec(entry)?.groups ?? {};
  if (id === undefined || key === undefined) {
    throw new BadKeyring(`entry ${index + 1} is not an id, a colon and 32 bytes in base64`);
  }
  return { id, secret: createSecretKey(Buffer.from(key, 'base64')) };
}

function flushFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown error';
}

function logWarning(problem: string): void {
  new Logger('Keyring').warn(problem);
}
