import { BlockList, isIP } from 'node:net';

/**
 * A set of networks in CIDR notation (`10.0.0.0/8`, `fd00::/8`; a bare address is itself). IPv4 and IPv6 have a list
 * each, because one shared BlockList lets `::/0` match every IPv4 address as well.
 */
export class Networks {
  readonly #lists = { 4: new BlockList(), 6: new BlockList() };

  /** Throws an Error naming the entry that is not a network: a wrong setting must stop the start, not a delivery. */
  constructor(cidrs: readonly string[]) {
    for (const cidr of cidrs) this.#add(cidr);
  }

  has(address: string): boolean {
    const family = isIP(address);
    if (family === 0 || address.includes('%')) return false;
    return family === 4 ? this.#lists[4].check(address, 'ipv4') : this.#lists[6].check(address, 'ipv6');
  }

  #add(cidr: string): void {
    const [address = '', prefix, ...rest] = cidr.trim().split('/');
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN;
    if (family === 0 || address.includes('%') || rest.length > 0 || !(length <= bits)) {
      throw new Error(`"${cidr}" is not a network such as 10.0.0.0/8 or fd00::/8.`);
    }
    if (family === 4) this.#lists[4].addSubnet(address, length, 'ipv4');
    else this.#lists[6].addSubnet(address, length, 'ipv6');
  }
}

/** The IPv4 address inside a v4-mapped IPv6 address in whatever spelling; every other address as it is. */
export function withoutMapping(address: string): string {
  if (isIP(address) !== 6 || address.includes('%')) return address;
  // The WHATWG parser writes every spelling of an IPv6 address in one canonical way.
  const mapped = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(new URL(`http://[${address}]`).hostname);
  if (!mapped) return address;
  const [high, low] = [parseInt(mapped[1] ?? '', 16), parseInt(mapped[2] ?? '', 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
