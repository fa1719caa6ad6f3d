/** The product's delivery process, and work for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { surveySnapshot } from './body.mjs';
import { fromBuild } from './ground.mjs';

const root = join(import.meta.dirname, '..', '..');

/** What `npm start` says to Node. */
const nodeOptions = ['--max-semi-space-size=16', '--no-minor-gc-task', '--heap-growing-percent=100'];

/** Starts `PROCESS=delivery` as an operator would, with what `npm start` says to Node and to the system. */
export async function startEngine(ground, variables = {}) {
  const port = await freePort();
  const child = spawn(process.execPath, [...nodeOptions, 'dist/main.js'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      UV_THREADPOOL_SIZE: '16',
      MALLOC_TRIM_THRESHOLD_: '131072',
      PORT: String(port),
      PROCESS: 'delivery',
      DATABASE_URL: ground.appUrl,
      ENCRYPTION_KEYS: ground.keys,
      DELIVERY_ALLOWED_NETWORKS: '127.0.0.0/8',
      LOG_LEVEL: 'warn',
      ...variables,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The delivery process ended with ${child.exitCode} at its start.`);
    const ready = await fetch(`${url}/health/ready`).catch(() => null);
    if (ready?.status === 200) break;
    await sleep(50);
  }
  return {
    pid: child.pid,
    url,
    stop: async () => {
      if (child.exitCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }
    },
  };
}

/**
 * An organisation with webhooks that sign and authenticate, switched off. Their URLs lead to `origin`, each with a path of
 * its own. Answers the numbers of the webhooks.
 */
export async function buildWebhooks(ground, { count, origin, organisation = 'bench', policy = {} }) {
  const { encryptSecret } = await fromBuild('database/encryption.js');
  const { Keyring } = await fromBuild('config/keyring.js');
  const { newSigningSecret } = await fromBuild('outbound/signature.js');
  const { passwordLocation, signingSecretLocation } = await fromBuild('webhooks/secret-locations.js');
  const keyring = Keyring.parse(ground.keys);
  const { admin } = ground;
  const one = async (sql, values) => Number((await admin.query(sql, values)).rows[0].id);
  const organisationId = await one(
    `insert into organisation (name, portal_code, plan) values ($1, $1, 'enterprise') returning id`,
    [organisation],
  );
  const webhookIds = [];
  for (let index = 0; index < count; index += 1) {
    const authorizationId = await one(
      `insert into webhook_authorization (organisation_id, name, kind, username) values ($1, 'bench', 'basic', 'caller')
       returning id`,
      [organisationId],
    );
    const password = encryptSecret(keyring, 'a pass phrase', passwordLocation(organisationId, authorizationId));
    await admin.query('update webhook_authorization set password_encrypted = $2 where id = $1', [
      authorizationId,
      password,
    ]);
    const webhookId = await one(
      `insert into webhook (organisation_id, name, trigger, request, policy, authorization_id)
       values ($1, $2, $3, $4, $5, $6) returning id`,
      [
        organisationId,
        `Webhook ${index}`,
        { recordType: 'response', on: ['completed'], conditions: [] },
        { method: 'POST', url: `${origin}/hook/${index}`, body: { kind: 'serialisation', name: 'survey_payload' } },
        {
          success: 'exactly_200',
          timeoutSeconds: 15,
          retry: { kind: 'survey_waits' },
          obeysRetryAfter: false,
          circuit: null,
          switchesOff: false,
          ...policy,
        },
        authorizationId,
      ],
    );
    const secretId = await one(
      'insert into signing_secret (organisation_id, webhook_id) values ($1, $2) returning id',
      [organisationId, webhookId],
    );
    const secret = encryptSecret(keyring, newSigningSecret(), signingSecretLocation(organisationId, secretId));
    await admin.query('update signing_secret set secret_encrypted = $2 where id = $1', [secretId, secret]);
    webhookIds.push(webhookId);
  }
  return { organisationId, webhookIds };
}

/** Deliveries of the sample response, due now, dealt out over the webhooks; each has an event of its own. */
export async function addDeliveries(ground, { organisationId, webhookIds }, count, { analyze = true } = {}) {
  const { insertDeliveriesSql } = await fromBuild('delivery/insert-deliveries.js');
  const snapshot = await surveySnapshot();
  const { admin } = ground;
  const CHUNK = 2_000;
  for (let made = 0; made < count; made += CHUNK) {
    const size = Math.min(CHUNK, count - made);
    const { rows } = await admin.query(
      `insert into event (id, organisation_id, type, record_type, record_id, snapshot)
       select next_event_id(), $1, 'response.completed', 'response', n, $2::json
         from generate_series(1::bigint, $3::bigint) n returning id`,
      [organisationId, snapshot, size],
    );
    const deliveries = rows.map(({ id }, position) => ({
      position,
      eventId: Number(id),
      organisationId,
      webhookId: webhookIds[position % webhookIds.length],
      listeningPost: 'transactional',
      recordType: 'response',
      recordId: 1,
      ticketId: 'INC123456',
      test: false,
    }));
    const inserted = await admin.query(insertDeliveriesSql.replace('?', '$1'), [JSON.stringify(deliveries)]);
    if (inserted.rowCount < size) throw new Error('Two deliveries drew the same number. Begin again.');
  }
  if (analyze) await admin.query('analyze due_attempt, delivery, event');
}

/** Switches an organisation's webhooks on, and says so. */
export async function switchOn(ground, { organisationId }) {
  await ground.admin.query('update webhook set enabled = true where organisation_id = $1', [organisationId]);
  await tellOfWork(ground);
}

/** As the portal does; else the next look at the queue would be waited for, up to a second. */
export function tellOfWork(ground) {
  return ground.admin.query('notify answerback_work');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
