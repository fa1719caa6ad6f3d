import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook as IndependentVerifier } from 'standardwebhooks';
import { Keyring } from '../../src/config/keyring.js';
import { decryptSecret } from '../../src/database/encryption.js';
import { newSigningSecret, signatureHeaders, signingKey } from '../../src/outbound/signature.js';
import { signingSecretLocation } from '../../src/webhooks/secret-locations.js';
import { rotateSigningSecret } from '../../src/webhooks/signing-secrets.js';
import { SigningSecret, Webhook } from '../../src/webhooks/webhook.entity.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { newDelivery } from '../support/deliveries.js';
import { blockText } from '../support/documents.js';
import { runProgram, runShell, testsWith } from '../support/documents-run.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receivers.js';

/** What a receiver has in its hands: the call, and the secret it knows. */
interface Received {
  headers: Record<string, string>;
  body: Buffer;
  secret: string;
}

const TRICKY = { comments: 'Grüße 🎉\nשלום "quoted" \\ 100 %s $(echo) `x`\n\n' };

let database: TestDatabase;
let worker: TestWorker;
let receiver: Receiver;
let folder: string;
/** Calls that Answerback really made: before the rotation of the secret, and after it. */
let before: Received;
let during: Received;
let newSecret: string;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database);
  receiver = await startReceiver();
  folder = await mkdtemp(join(tmpdir(), 'answerback-docs-'));
  const built = await buildOrganisation(worker, receiver.url('/hook'));
  const secret = await firstSecret(built);
  await newDelivery(worker, built, TRICKY);
  before = { ...(await call(1)), secret };
  newSecret = await worker.orm.em
    .fork()
    .transactional(async (em) =>
      rotateSigningSecret(em, worker.context.get(Keyring), await em.findOneOrFail(Webhook, built.webhook.id)),
    );
  await newDelivery(worker, built, TRICKY);
  during = { ...(await call(2)), secret };
});
afterAll(async () => {
  await receiver?.close();
  await worker?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const genuine: [string, () => Received][] = [
  ['a call as it came', () => before],
  ['a call during a rotation, by who knows the former secret only', () => during],
  ['a call during a rotation, by who knows the new secret', () => ({ ...during, secret: newSecret })],
];

const forged: [string, () => Received][] = [
  ['a body with one byte changed', () => ({ ...before, body: changedByte(before.body) })],
  ['a body with a line break added', () => ({ ...before, body: Buffer.concat([before.body, Buffer.from('\n')]) })],
  ['a body that was parsed and written again', () => ({ ...before, body: reformatted(before.body) })],
  ['an empty body', () => ({ ...before, body: Buffer.alloc(0) })],
  ['a call under another secret', () => ({ ...before, secret: newSecret })],
  ['a call during a rotation, under neither secret', () => ({ ...during, secret: newSigningSecret() })],
  ['a genuine call of ten minutes ago', () => signedAt(-600)],
  ['a genuine call with a timestamp ten minutes ahead', () => signedAt(600)],
  ['a timestamp that was set anew', () => withHeader('webhook-timestamp', String(seconds() + 1))],
  ['a timestamp that is no number', () => withHeader('webhook-timestamp', 'x')],
  ['another id', () => withHeader('webhook-id', '0000000000000')],
  ['no signature', () => withHeader('webhook-signature', '')],
  ['a signature of another version', () => withHeader('webhook-signature', signature().replace('v1,', 'v2,'))],
  ['a signature cut short', () => withHeader('webhook-signature', signature().slice(0, -4))],
];

describe('docs/receiving-webhooks.md tells real calls from forged ones', () => {
  test('with TypeScript, on raw Node', async () => {
    await writeFile(join(folder, 'verify.mts'), blockText('docs/receiving-webhooks.md#TypeScript/1'));
    await writeFile(
      join(folder, 'ask.mjs'),
      `import { isFromAnswerback } from './verify.mts';
       import { json } from 'node:stream/consumers';
       const answers = (await json(process.stdin)).map(({ headers, body, secret }) =>
         isFromAnswerback(headers, Buffer.from(body, 'base64'), secret));
       process.stdout.write(JSON.stringify(answers));`,
    );
    await expectVerdicts(process.execPath, [join(folder, 'ask.mjs')]);
  });

  testsWith('python3', () => {
    test('with Python', async () => {
      await writeFile(join(folder, 'verify.py'), blockText('docs/receiving-webhooks.md#Python/1'));
      await writeFile(
        join(folder, 'ask.py'),
        `import base64, json, sys
from verify import is_from_answerback
calls = json.load(sys.stdin)
print(json.dumps([is_from_answerback(c["headers"], base64.b64decode(c["body"]), c["secret"]) for c in calls]))
`,
      );
      await expectVerdicts('python3', [join(folder, 'ask.py')]);
    });
  });

  testsWith('openssl', () => {
    const script = blockText('docs/receiving-webhooks.md#Shell/1');

    test.each(genuine)('with a shell: %s', async (_name, received) => {
      expect(await inShell(received())).toEqual({ code: 0, output: 'genuine\n' });
    });
    test.each(forged)('with a shell, not: %s', async (_name, received) => {
      const { code, output } = await inShell(received());
      expect(code).not.toBe(0);
      expect(output).not.toContain('genuine');
    });

    async function inShell({ headers, body, secret }: Received) {
      await writeFile(join(folder, 'body.json'), body);
      const env = {
        SECRET: secret,
        WEBHOOK_ID: headers['webhook-id']!,
        WEBHOOK_TIMESTAMP: headers['webhook-timestamp']!,
        WEBHOOK_SIGNATURE: headers['webhook-signature']!,
      };
      return runShell(script, { cwd: folder, env });
    }
  });
});

describe('the independent verifier of Standard Webhooks', () => {
  test.each(genuine)('accepts %s', (_name, received) => {
    const { headers, body, secret } = received();
    expect(new IndependentVerifier(secret).verify(body.toString(), headers)).toMatchObject({
      Webhook_ID: headers['webhook-id'],
      Comments: TRICKY.comments,
    });
  });

  test.each(forged)('refuses %s', (_name, received) => {
    const { headers, body, secret } = received();
    expect(() => new IndependentVerifier(secret).verify(body.toString(), headers)).toThrow();
  });
});

async function expectVerdicts(program: string, args: string[]): Promise<void> {
  const calls = [...genuine, ...forged].map(([, received]) => received());
  const input = JSON.stringify(calls.map((one) => ({ ...one, body: one.body.toString('base64') })));
  const { code, output } = await runProgram(program, args, { input });
  expect({ code, output }).toMatchObject({ code: 0 });
  const verdicts = JSON.parse(output) as boolean[];
  const named = [...genuine, ...forged].map(([name], index) => [name, verdicts[index]]);
  expect(named).toEqual([...genuine.map(([name]) => [name, true]), ...forged.map(([name]) => [name, false])]);
}

async function firstSecret({ webhook }: TestOrganisation): Promise<string> {
  const { id, organisationId, secretEncrypted } = await worker.orm.em
    .fork()
    .findOneOrFail(SigningSecret, { webhookId: webhook.id });
  return decryptSecret(worker.context.get(Keyring), secretEncrypted!, signingSecretLocation(organisationId, id));
}

async function call(number: number): Promise<Omit<Received, 'secret'>> {
  const requests = await receiver.received(number);
  const { headers, body } = requests[number - 1]!;
  return { headers: headers as Record<string, string>, body };
}

/** The call as Answerback would have made it then: all is right with it but its age. */
function signedAt(offset: number): Received {
  const id = before.headers['webhook-id']!;
  const timestampSeconds = seconds() + offset;
  const signed = signatureHeaders({ id, timestampSeconds, body: before.body, keys: [signingKey(before.secret)] });
  return { ...before, headers: { ...before.headers, ...Object.fromEntries(signed) } };
}

function withHeader(name: string, value: string): Received {
  return { ...before, headers: { ...before.headers, [name]: value } };
}

function signature(): string {
  return before.headers['webhook-signature']!;
}

function seconds(): number {
  return Number(before.headers['webhook-timestamp']);
}

function changedByte(body: Buffer): Buffer {
  return Buffer.from(body.toString().replace('"Overall":"9"', '"Overall":"8"'));
}

function reformatted(body: Buffer): Buffer {
  return Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1));
}
