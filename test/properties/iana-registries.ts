/**
 * What may be called, once more and in another way than the code under test: addresses as numbers, judged by the
 * blocks of IANA's IPv4 and IPv6 Special-Purpose Address Registries, their multicast spaces, and the one IPv6 block out
 * of which unicast addresses are handed out.
 */
export interface NumberedAddress {
  family: 4 | 6;
  number: bigint;
}

export interface Block extends NumberedAddress {
  prefix: number;
}

/** Not globally reachable by the registries, or not a single machine's. */
export const closedBlocks: readonly Block[] = blocks(
  `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24
   192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
   ::/128 ::1/128 ::ffff:0:0/96 ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/32 2001:2::/48
   2001:10::/28 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8`,
);

/** Reachable by the registries, but nobody's own machine: relays, anycast sinks. The guard may refuse them. */
const oddBlocks = blocks('192.31.196.0/24 192.52.193.0/24 192.175.48.0/24 2001::/23 2620:4f:8000::/48');

const unicast = blockOf('2000::/3');

/** No connection may ever go there. */
export function isClosed(address: NumberedAddress): boolean {
  return closedBlocks.some((block) => isIn(block, address)) || (address.family === 6 && !isIn(unicast, address));
}

/** An address like anybody's, which must be callable. */
export function isOrdinary(address: NumberedAddress): boolean {
  return !isClosed(address) && !oddBlocks.some((block) => isIn(block, address));
}

export function isIn({ family, number, prefix }: Block, address: NumberedAddress): boolean {
  const hostBits = BigInt(bitsOf(family) - prefix);
  return address.family === family && address.number >> hostBits === number >> hostBits;
}

export function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

export function blockOf(cidr: string): Block {
  const [address, prefix] = cidr.split('/');
  const read = addressOf(address!);
  return { ...read, prefix: prefix === undefined ? bitsOf(read.family) : Number(prefix) };
}

/** Reads a valid address as the sockets know it. */
export function addressOf(text: string): NumberedAddress {
  if (!text.includes(':')) {
    return { family: 4, number: text.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n) };
  }
  const [head = '', tail] = withoutDots(text).split('::');
  const [front, back] = [groupsOf(head), groupsOf(tail ?? '')];
  const all = [...front, ...Array<bigint>(tail === undefined ? 0 : 8 - front.length - back.length).fill(0n), ...back];
  return { family: 6, number: all.reduce((sum, group) => sum * 65_536n + group, 0n) };
}

/** A mapped address connects to the IPv4 address in it. */
export function peerOf(address: NumberedAddress): NumberedAddress {
  return isIn(blockOf('::ffff:0:0/96'), address) ? { family: 4, number: address.number & 0xffff_ffffn } : address;
}

function groupsOf(part: string): bigint[] {
  return part === '' ? [] : part.split(':').map((group) => BigInt(`0x${group}`));
}

function withoutDots(text: string): string {
  return text.replace(/\d+\.\d+\.\d+\.\d+$/, (dotted) => {
    const { number } = addressOf(dotted);
    return `${(number >> 16n).toString(16)}:${(number & 0xffffn).toString(16)}`;
  });
}

function blocks(cidrs: string): Block[] {
  return cidrs.split(/\s+/).map(blockOf);
}
