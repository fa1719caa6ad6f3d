import { isIP } from 'node:net';

/** Where a request comes from, as people write it; an IPv4 address that came over IPv6 is an IPv4 address. */
export function addressOf({ ip }: { ip?: string | undefined }): string {
  const plain = (ip ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return isIP(plain) === 0 ? 'unknown' : plain;
}

/**
 * Whom an address stands for when attempts are counted: a customer of an IPv6 provider has at least a /64 to choose
 * addresses from, so that its first half is what counts.
 */
export function countedAddress(address: string): string {
  if (isIP(address) !== 6) {
    return address;
  }
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  const groups = [...head, ...zeros, ...tail];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
