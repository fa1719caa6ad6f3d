import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { codeOf } from './failure.js';
import { Networks, withoutMapping } from './networks.js';
import { describeSpecialAddress, isPublicAddress } from './public-address.js';
import { bareHost, hostOf, parseTarget } from './target.js';

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

export type Lookup = (hostname: string) => Promise<readonly Address[]>;

export interface AddressGuardOptions {
  /** CIDRs, IPv4 and IPv6, that may be called although they are not public (DELIVERY_ALLOWED_NETWORKS). */
  readonly allowedNetworks: readonly string[];
  /** Default: the system's resolver, every address, in its order. */
  readonly lookup?: Lookup;
  /** Default: the addresses of this host's network interfaces. Refused even where they are public. */
  readonly ownAddresses?: () => readonly string[];
}

export type Vetted =
  | { kind: 'addresses'; addresses: readonly Address[] }
  | { kind: 'refused'; reason: 'dns' | 'blocked_address'; message: string };

export type UrlCheck = { kind: 'ok' } | { kind: 'refused'; reason: string } | { kind: 'unresolvable'; reason: string };

/** `own receiver`: the one endpoint of this application itself, which may be on this machine or in its private network. */
export type Policy = 'public' | 'own receiver';

/** Decides which addresses may be called. It never connects; the GuardedClient connects only to what it vetted. */
export class AddressGuard {
  readonly #allowed: Networks;
  readonly #lookup: Lookup;
  readonly #ownAddresses: () => readonly string[];
  #own: { addresses: readonly string[]; networks: Networks } = { addresses: [], networks: new Networks([]) };
  /** Lookups under way: a name with a slow name server holds one of libuv's few threads, not one for each delivery. */
  readonly #lookups = new Map<string, Promise<readonly Address[]>>();

  constructor({ allowedNetworks, lookup = lookupAll, ownAddresses = interfaceAddresses() }: AddressGuardOptions) {
    this.#allowed = new Networks(allowedNetworks);
    this.#lookup = lookup;
    this.#ownAddresses = ownAddresses;
  }

  /** For saving a URL: a good message early. It binds nobody, since names move; the check at connecting decides. */
  async checkUrl(url: string): Promise<UrlCheck> {
    const target = parseTarget(url);
    if (target.kind === 'refused') return target;
    const vetted = await this.vet(hostOf(target.url));
    if (vetted.kind === 'addresses') return { kind: 'ok' };
    return { kind: vetted.reason === 'dns' ? 'unresolvable' : 'refused', reason: vetted.message };
  }

  /** Resolves a host name or an address literal and judges all of it: one bad address in the answer refuses it all. */
  async vet(hostname: string, policy: Policy = 'public'): Promise<Vetted> {
    const host = bareHost(hostname);
    if (metadataNames.has(host.toLowerCase())) return blockedName(host);
    const family = isIP(host);
    if (family !== 0) {
      return this.isAllowed(host, policy)
        ? { kind: 'addresses', addresses: [{ address: host, family: family === 4 ? 4 : 6 }] }
        : { kind: 'refused', reason: 'blocked_address', message: this.#whyRefused(host) };
    }
    let addresses: readonly Address[];
    try {
      addresses = await this.#resolve(host);
    } catch (error) {
      return unresolvable(host, error);
    }
    if (addresses.length === 0) return unresolvable(host, { code: 'ENODATA' });
    const good = addresses.every(({ address }) => this.isAllowed(address, policy));
    return good ? { kind: 'addresses', addresses } : blockedName(host);
  }

  isAllowed(address: string, policy: Policy = 'public'): boolean {
    const plain = withoutMapping(address);
    if (metadataServices.has(plain)) return false;
    if (this.#allowed.has(plain)) return true;
    const isOwn = this.#isOwn(plain);
    if (policy === 'own receiver' && (isOwn || localNetworks.has(plain))) return true;
    return !isOwn && isPublicAddress(address);
  }

  #resolve(host: string): Promise<readonly Address[]> {
    const underWay = this.#lookups.get(host);
    if (underWay) return underWay;
    const lookup = this.#lookup(host).finally(() => this.#lookups.delete(host));
    this.#lookups.set(host, lookup);
    return lookup;
  }

  #isOwn(plain: string): boolean {
    const addresses = this.#ownAddresses();
    if (addresses !== this.#own.addresses) {
      const plainOnes = addresses.map(withoutMapping).filter((own) => isIP(own) !== 0 && !own.includes('%'));
      this.#own = { addresses, networks: new Networks(plainOnes) };
    }
    return this.#own.networks.has(plain);
  }

  /** May name the address, since the person who reads this typed it. */
  #whyRefused(address: string): string {
    const plain = withoutMapping(address);
    if (metadataServices.has(plain)) return `The address ${address} is a cloud's metadata service. It is never called.`;
    const kind = this.#isOwn(plain) ? 'this machine itself' : describeSpecialAddress(address);
    return `The address ${address} is ${kind}. ${askOperator}`;
  }
}

const askOperator =
  'Only public addresses are called; if this one is meant, ask the operator to add it to DELIVERY_ALLOWED_NETWORKS.';

/** One text, without the address: otherwise anybody could read the internal DNS through us, name by name. */
function blockedName(host: string): Vetted {
  const message = `The name ${host} leads to an address that is not public. ${askOperator}`;
  return { kind: 'refused', reason: 'blocked_address', message };
}

function unresolvable(host: string, error: unknown): Vetted {
  const code = codeOf(error);
  const detail = code === '' ? '' : ` (${code})`;
  const message = unknownName.has(code)
    ? `The name ${host} could not be found in DNS${detail}. Check its spelling.`
    : `DNS gave no answer for the name ${host}${detail}. Its name server may be down.`;
  return { kind: 'refused', reason: 'dns', message };
}

/** DNS answered that there is no such name, or no address for it. Any other code says that it did not answer. */
const unknownName = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA']);

const lookupAll: Lookup = async (hostname) => {
  const found = await systemLookup(hostname, { all: true, order: 'verbatim' });
  return found.map(({ address, family }) => ({ address, family: family === 4 ? 4 : 6 }));
};

/** This host's addresses, read again after some seconds: interfaces come and go, but not between two deliveries. */
function interfaceAddresses(): () => readonly string[] {
  let addresses: readonly string[] = [];
  let readAt = -Infinity;
  return () => {
    if (performance.now() - readAt > 10_000) {
      addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
      readAt = performance.now();
    }
    return addresses;
  };
}

/** They hand out a machine's credentials to whoever asks, so no allowed network opens them. */
const metadataServices = new Networks([
  '169.254.169.254', // AWS, Azure, Google, DigitalOcean, OpenStack
  '169.254.170.2', // AWS container credentials
  '169.254.170.23', // AWS EKS pod identity
  'fd00:ec2::254', // AWS
  'fd00:ec2::23', // AWS EKS pod identity
  'fd20:ce::254', // Google
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
]);

const metadataNames = new Set(['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data.ec2.internal']);

const localNetworks = new Networks(['127.0.0.0/8', '::1', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']);
