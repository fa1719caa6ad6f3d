import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';

/** Facts about what the product is made of, which docs/security.md rests on. */

const root = join(import.meta.dirname, '..', '..');

interface Source {
  file: string;
  text: string;
}

async function filesOf(pattern: string): Promise<Source[]> {
  const found: Source[] = [];
  for await (const file of glob(pattern, { cwd: root })) {
    if (!file.endsWith('.spec.ts')) {
      found.push({ file, text: readFileSync(join(root, file), 'utf8') });
    }
  }
  expect(found.length).toBeGreaterThan(0);
  return found;
}

/** Where the sources say such a thing: `src/a.ts: createHash('md5')`. */
function mentions(sources: Source[], pattern: RegExp): string[] {
  return sources.flatMap(({ file, text }) => [...text.matchAll(pattern)].map(([found]) => `${file}: ${found}`));
}

describe('the source', () => {
  let sources: Source[];
  beforeAll(async () => {
    sources = await filesOf('src/**/*.ts');
  });

  it('leaves cryptography to Node and bcrypt, by algorithms of an allow list', () => {
    const used = mentions(
      sources,
      /(?:createHash|createHmac|hkdfSync|createCipheriv|createDecipheriv)\(['"A-Z][^,)]*/g,
    );
    expect(new Set(used.map((line) => line.split('(')[1]))).toEqual(new Set(["'sha256'", 'ALGORITHM']));
    expect(mentions(sources, /ALGORITHM = .*/g)).toEqual(["src/database/encryption.ts: ALGORITHM = 'aes-256-gcm';"]);
    expect(mentions(sources, /['"`](?:md5|sha-?1|des|rc4)\b|-ecb|-cbc|pkcs1/gi)).toEqual([]);
  });

  it('draws nothing at random but from the cryptographic generator', () => {
    expect(mentions(sources, /Math\.random|from 'uuid'|nanoid/g)).toEqual([]);
  });

  it('runs no code that it was sent, and no command through a shell', () => {
    expect(mentions(sources, /\beval\(|new Function|node:vm|import\([^'"]|\brequire\(/g)).toEqual([
      // A command that the documentation tells the operator to run.
      'src/config/environment-schema.ts: require(',
    ]);
    expect(mentions(sources, /from 'node:child_process'/g)).toEqual([
      "src/database/embedded-postgres/run-command.ts: from 'node:child_process'",
    ]);
    expect(mentions(sources, /shell:/g)).toEqual([]);
  });

  it('makes no regular expression and no format string of what it was sent', () => {
    expect(mentions(sources, /new RegExp\(|\bRegExp\(/g)).toEqual([]);
    expect(mentions(sources, /\bconsole\.|util\.format|from 'node:util'.*format/g)).toEqual([]);
  });

  it('reads the environment in one place, and holds no key, password or token', () => {
    expect([...new Set(mentions(sources, /process\.env\b/g))]).toEqual(['src/config/environment.ts: process.env']);
    expect(mentions(sources, /(?:abk_|whsec_)[\w+/-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY/g)).toEqual([]);
  });
});

describe('the pages', () => {
  it('mask what is typed as a password, and leave pasting and password managers alone', async () => {
    const pages = await filesOf('views/**/*.hbs');
    const inputs = mentions(pages, /<input[^>]*(?:name|id)="(?:[^"]*-)?(?:password|current|again)"[^>]*/g);
    expect(inputs.length).toBeGreaterThan(1);
    const masked = /type="password" autocomplete="(?:current-password|new-password|\{\{autocomplete\}\})"/;
    expect(inputs.filter((input) => !masked.test(input))).toEqual([]);
    expect(mentions([...pages, ...(await filesOf('public/*.js'))], /onpaste|['"]paste['"]/g)).toEqual([]);
  });

  it('take no files, and ask for no hints or secret questions', async () => {
    expect(mentions(await filesOf('views/**/*.hbs'), /type="file"|multipart|secret question|password hint/gi)).toEqual(
      [],
    );
  });

  it('have scripts that keep nothing in the browser, run no text as code and talk to no other window', async () => {
    const scripts = await filesOf('public/*.js');
    expect(
      mentions(scripts, /localStorage|sessionStorage|indexedDB|document\.cookie|\beval\(|document\.write|postMessage/g),
    ).toEqual([]);
    expect(mentions(scripts, /(?:innerHTML|outerHTML) = .*|insertAdjacentHTML.*/g)).toEqual([
      // Taken from a page of ours that the server has escaped.
      'public/preferences.js: innerHTML = fresh.innerHTML;',
    ]);
  });

  it('name nothing outside of the installation', async () => {
    const everything = [...(await filesOf('views/**/*.hbs')), ...(await filesOf('public/*.{js,css,svg}'))];
    const outside = mentions(everything, /(?:src|href|action)="https?:[^"]*|@import[^;]*|url\(\s*['"]?https?:[^)]*/g);
    expect(outside).toEqual([]);
  });
});

describe('the third-party packages', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

  it('have exact versions, and a checksum each', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)))).toEqual([]);
    const packages = Object.entries(lock.packages as Record<string, { integrity?: string; inBundle?: boolean }>);
    const unchecked = packages.filter(([path, { integrity, inBundle }]) => path !== '' && !integrity && !inBundle);
    expect(packages.length).toBeGreaterThan(100);
    expect(unchecked.map(([path]) => path)).toEqual([]);
  });

  it('hold nothing that reads XML, LDAP, GraphQL, LaTeX or JWT, or speaks WebSocket, WebRTC or OAuth', () => {
    const names = Object.keys(manifest.dependencies);
    expect(
      names.filter((name) =>
        /xml|ldap|graphql|latex|jsonwebtoken|jose|jwt|memcache|websocket|socket\.io|^ws$|webrtc|oauth|openid|saml/i.test(
          name,
        ),
      ),
    ).toEqual([]);
  });
});
