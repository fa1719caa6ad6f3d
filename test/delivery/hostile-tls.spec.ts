import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { testAuthority } from '../support/certificates.js';
import { anyName, handshakeUrl, hostileHandshakes, type HandshakeServer } from '../support/hostile-handshakes.js';
import { expectHealthyUndelayed, expectInLog } from '../support/hostile-log.js';
import { callHostile, type HostileCase, type HostileRun } from '../support/hostile-run.js';
import type { ReceivedRequest } from '../support/receivers.js';

const servers = new Map<string, HandshakeServer>();
let run: HostileRun;

beforeAll(async () => {
  const called = new Map<string, HostileCase>();
  for (const [name, hostile] of Object.entries(hostileHandshakes)) {
    const server = await hostile.start();
    servers.set(name, server);
    called.set(name, { url: handshakeUrl(hostile, server), told: hostile.told });
  }
  run = await callHostile(called, { lookup: anyName, ca: testAuthority });
}, 120_000);
afterAll(async () => {
  await run?.close();
  for (const server of servers.values()) await server.close();
});

describe('a receiver that', () => {
  it.each(Object.keys(hostileHandshakes))('%s', async (name) => {
    await expectInLog(run, name, hostileHandshakes[name]!.told);
  });
});

it('only receivers with a good certificate ever saw a request', () => {
  const called = [...servers].filter(([name, server]) => requestsOf(server).some(isOfDelivery(name)));
  expect(called.map(([name]) => name)).toEqual([
    'has a good certificate and answers',
    'makes the connection secure and never answers',
    'breaks its body off',
  ]);
});

it('a healthy webhook beside all of them is not delayed', () => {
  expectHealthyUndelayed(run);
});

function requestsOf(server: object): readonly ReceivedRequest[] {
  return 'requests' in server ? (server.requests as ReceivedRequest[]) : [];
}

/** Other tests run beside this one, and a port may have been somebody else's just now. */
function isOfDelivery(name: string) {
  const webhookId = webhookIdOf(run.deliveries.get(name)!.id);
  return ({ headers }: ReceivedRequest) => headers['webhook-id'] === webhookId;
}
