import tls from 'node:tls';
import { goodCertificate, testAuthority } from '../../test/support/certificates.js';
import { AddressGuard, type Lookup } from './address-guard.js';
import { GuardedClient } from './guarded-client.js';

const lookup: Lookup = async () => [{ address: '127.0.0.1', family: 4 }];
const defaults = { version: tls.DEFAULT_MIN_VERSION, ciphers: tls.DEFAULT_CIPHERS };
let client: GuardedClient;

beforeEach(() => {
  const guard = new AddressGuard({ allowedNetworks: ['127.0.0.0/8'], lookup });
  client = new GuardedClient({ guard, ca: testAuthority });
  // As somebody's shell may have it (NODE_OPTIONS=--tls-min-v1.0 --tls-cipher-list=…).
  tls.DEFAULT_MIN_VERSION = 'TLSv1';
  tls.DEFAULT_CIPHERS = 'DEFAULT@SECLEVEL=0';
});
afterEach(async () => {
  tls.DEFAULT_MIN_VERSION = defaults.version;
  tls.DEFAULT_CIPHERS = defaults.ciphers;
  await client.close();
});

test.each([
  ['TLSv1.3', true],
  ['TLSv1.2', true],
  ['TLSv1.1', false],
  ['TLSv1', false],
] as const)('a receiver that speaks at most %s is called: %s', async (maxVersion, called) => {
  const server = tls.createServer({ ...goodCertificate, minVersion: 'TLSv1', maxVersion }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `https://hooks.example.com:${(server.address() as { port: number }).port}/`;
    const { outcome } = await client.call({ method: 'POST', url, headers: [], body: 'x' }, AbortSignal.timeout(5_000));
    expect(outcome).toMatchObject(called ? { kind: 'response', status: 200 } : { kind: 'failure', reason: 'tls' });
  } finally {
    server.close();
  }
});
