import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { AddressGuard, type Address } from '../../src/outbound/address-guard.js';
import { GuardedClient } from '../../src/outbound/guarded-client.js';
import { isPublicAddress } from '../../src/outbound/public-address.js';
import { hostOf, parseTarget } from '../../src/outbound/target.js';
import { holds, holdsAsync, naughtyExamples } from '../support/properties.js';
import { addressOf, blockOf, isClosed, isIn, isOrdinary, peerOf, type NumberedAddress } from './iana-registries.js';
import { address, NAMES, nastyUrl, spellings } from './nasty-urls.js';
import { recordConnects } from './recorded-connects.js';

/** A resolver's answers: for each name a list for each time that it is asked; the last one for ever after. */
type Script = Record<string, NumberedAddress[][]>;

const answers = fc.array(fc.array(address, { maxLength: 4 }), { minLength: 1, maxLength: 3 });
const script: fc.Arbitrary<Script> = fc.record(Object.fromEntries(NAMES.map((name) => [name, answers])));

const allowed = fc.subarray(['10.0.0.0/8', '127.0.0.0/8', '192.168.7.9', '0.0.0.0/0', '::1', 'fd00::/8', '::/0'], {
  maxLength: 3,
});

/** Handed out credentials to whoever asked: no setting opens them. */
const METADATA = ['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '192.0.0.192']
  .concat(['fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254'])
  .map(blockOf);

/** Whether a socket may go there, by the registries' facts and the operator's setting. */
function mayBeCalled(given: NumberedAddress, allowedNetworks: readonly string[]): boolean {
  const peer = peerOf(given);
  if (METADATA.some((block) => isIn(block, peer))) return false;
  return allowedNetworks.map(blockOf).some((block) => isIn(block, peer)) || !isClosed(given);
}

function resolverOf(answersOf: Script): (name: string) => Promise<Address[]> {
  const asked = new Map<string, number>();
  return async (name) => {
    const times = asked.get(name) ?? 0;
    asked.set(name, times + 1);
    const lists = answersOf[name.toLowerCase()];
    if (!lists) throw Object.assign(new Error('scripted'), { code: 'ENOTFOUND' });
    return lists[Math.min(times, lists.length - 1)]!.map((one, index) => {
      const all = spellings(one);
      return { address: all[index % all.length]!, family: one.family };
    });
  };
}

describe('an address', () => {
  test('that the registries close is not public, in whatever spelling, and an ordinary one is', () => {
    holds(
      fc.property(address, (given) => {
        const all = spellings(given);
        expect(all.map(addressOf)).toEqual(all.map(() => ({ family: given.family, number: given.number })));
        if (isClosed(given)) expect(all.filter(isPublicAddress)).toEqual([]);
        if (isOrdinary(given)) expect(all.filter(isPublicAddress)).toEqual(all);
      }),
      { runs: 5_000 },
    );
  });

  test('is opened by an allowed network alone, and a metadata service by none', () => {
    holds(
      fc.property(address, allowed, (given, allowedNetworks) => {
        const guard = new AddressGuard({ allowedNetworks, ownAddresses: () => [] });
        const open = spellings(given).filter((spelling) => guard.isAllowed(spelling));
        if (!mayBeCalled(given, allowedNetworks)) expect(open).toEqual([]);
        if (allowedNetworks.length > 0 && isOrdinary(given)) expect(open).toEqual(spellings(given));
      }),
      { runs: 3_000 },
    );
  });
});

describe('a URL', () => {
  test('that the guard lets through leads to nothing but what may be called', async () => {
    let letThrough = 0;
    await holdsAsync(
      fc.asyncProperty(nastyUrl, script, allowed, async (url, answersOf, allowedNetworks) => {
        const guard = new AddressGuard({ allowedNetworks, lookup: resolverOf(answersOf), ownAddresses: () => [] });
        const target = parseTarget(url);
        if (target.kind === 'refused') return;
        const vetted = await guard.vet(hostOf(target.url));
        if (vetted.kind === 'refused') return;
        letThrough += 1;
        expect(vetted.addresses.length).toBeGreaterThan(0);
        for (const one of vetted.addresses) {
          expect([one.address, mayBeCalled(addressOf(one.address), allowedNetworks)]).toEqual([one.address, true]);
        }
      }),
      { runs: 12_000 },
    );
    // Or this would prove nothing.
    expect(letThrough).toBeGreaterThan(500);
  });

  test('opens sockets to nothing but what may be called, whatever DNS answers and how often it changes', async () => {
    let seen = 0;
    const connects = recordConnects();
    try {
      await holdsAsync(
        fc.asyncProperty(nastyUrl, script, allowed, async (url, answersOf, allowedNetworks) => {
          const lookup = resolverOf(answersOf);
          const client = new GuardedClient({
            guard: new AddressGuard({ allowedNetworks, lookup, ownAddresses: () => [] }),
          });
          connects.addresses.splice(0);
          for (let time = 0; time < 2; time += 1) {
            const { outcome } = await client.call(
              { method: 'POST', url, headers: [], body: 'x' },
              AbortSignal.timeout(10_000),
            );
            expect(outcome.kind).toBe('failure');
          }
          await client.close();
          seen += connects.addresses.length;
          for (const one of connects.addresses) {
            expect([one, mayBeCalled(addressOf(one), allowedNetworks)]).toEqual([one, true]);
          }
        }),
        { runs: 1_500, examples: naughtyExamples.slice(0, 100).map(([text]) => [text, {}, []]) },
      );
    } finally {
      connects.restore();
    }
    expect(seen).toBeGreaterThan(100);
  });

  let listener: Server | undefined;
  afterAll(() => void listener?.close());

  test('reaches a real listener on allowed addresses alone', async () => {
    const reached: string[] = [];
    const server = createServer((_request, response) => response.setHeader('connection', 'close').end());
    server.on('connection', (socket) => reached.push(socket.localAddress!));
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    listener = server;
    const { port } = server.address() as AddressInfo;
    const loopback = fc
      .nat({ max: 0xff_fffe })
      .map((offset) => ({ family: 4 as const, number: 0x7f00_0001n + BigInt(offset) }));
    const near = fc.nat({ max: 7 }).map((offset) => ({ family: 4 as const, number: 0x7f00_0001n + BigInt(offset) }));
    const answer = fc.array(fc.oneof(near, near, near, loopback), { minLength: 1, maxLength: 3 });
    const networks = fc.subarray(['127.0.0.1', '127.0.0.2/31', '127.0.0.4/30', '127.128.0.0/9'], { minLength: 1 });
    await holdsAsync(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 3 }), networks, async (lists, allowedNetworks) => {
        const lookup = resolverOf({ 'a.test': lists });
        const client = new GuardedClient({
          guard: new AddressGuard({ allowedNetworks, lookup, ownAddresses: () => [] }),
        });
        reached.splice(0);
        const url = `http://a.test:${port}/`;
        for (const list of lists) {
          const { outcome } = await client.call(
            { method: 'GET', url, headers: [], body: null },
            AbortSignal.timeout(10_000),
          );
          const all = list.every((one) => mayBeCalled(one, allowedNetworks));
          expect(outcome.kind).toBe(all ? 'response' : 'failure');
        }
        await client.close();
        expect(reached.filter((one) => !mayBeCalled(addressOf(one), allowedNetworks))).toEqual([]);
      }),
      { runs: 150 },
    );
  });
});
