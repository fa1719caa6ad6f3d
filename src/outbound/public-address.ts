import { isIP } from 'node:net';
import { Networks, withoutMapping } from './networks.js';

/**
 * Whether an IP address (a literal without brackets) belongs to the public internet, by IANA's special-purpose
 * registries. Anything that is no address, and any address with a zone id, is not public.
 *
 * IPv6 is an allow list on purpose: what IANA sets aside next lies outside of it, so it cannot age as a deny list does.
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%')) return false;
  switch (isIP(address)) {
    case 4:
      return !specialIPv4.has(address);
    case 6:
      return globalUnicast.has(address) && !specialGlobalUnicast.has(address);
    default:
      return false;
  }
}

/** Completes "The address 10.0.0.5 is …" for an address that is not public. */
export function describeSpecialAddress(address: string): string {
  const plain = withoutMapping(address);
  if (thisMachine.has(plain)) return 'this machine itself';
  if (privateNetworks.has(plain)) return 'in a private network';
  if (linkLocal.has(plain)) return 'in a link-local network';
  return 'set aside for special purposes';
}

const specialIPv4 = new Networks([
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers (CGNAT); Alibaba's metadata service too
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, with most clouds' metadata service
  '172.16.0.0/12', // private
  '192.0.0.0/24', // IETF protocol assignments; Oracle's metadata service too
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // automatic multicast tunnelling (AMT)
  '192.88.99.0/24', // 6to4 relay
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112, direct delegation
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, with broadcast
]);

const globalUnicast = new Networks(['2000::/3']);

const specialGlobalUnicast = new Networks([
  '2001::/23', // IETF protocol assignments: Teredo, ORCHID, benchmarking
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: an IPv4 address in disguise
  '2620:4f:8000::/48', // AS112, direct delegation
  '3fff::/20', // documentation
]);

const thisMachine = new Networks(['127.0.0.0/8', '0.0.0.0', '::1', '::']);
const privateNetworks = new Networks(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']);
const linkLocal = new Networks(['169.254.0.0/16', 'fe80::/10']);
