export type Target = { kind: 'ok'; url: URL } | { kind: 'refused'; reason: string };

/**
 * Reads a URL the one way it will be called: by the WHATWG parser, which turns number, octal and full-width forms of an
 * address into the dotted one. Says nothing about where a name leads: that is the AddressGuard's part.
 */
export function parseTarget(text: string): Target {
  const url = URL.parse(text);
  if (!url) return refused('This is not a complete URL. Write it like https://hooks.example.com/answers.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refused('Only URLs that begin with https:// or http:// can be called.');
  }
  if (url.username !== '' || url.password !== '') {
    return refused('The URL contains a username or password. Remove it and enter it as authorization.');
  }
  if (url.hostname === '' || url.hostname.includes('%')) return refused('The host name in the URL is not valid.');
  const port = portOf(url);
  if (!isCallablePort(port)) {
    return refused(`Port ${port} cannot be called. Use 443, 80, or a port from 1024 that is not a database's.`);
  }
  if (url.href.includes('#')) url.hash = '';
  return { kind: 'ok', url };
}

export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

/** The host as DNS, TLS and net.isIP want it: no brackets around IPv6, no dot at the end. */
export function hostOf(url: URL): string {
  return bareHost(url.hostname);
}

export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/** Below 1024 only the web's own ports: the rest are mail, shells and file servers that may obey a line in a body. */
function isCallablePort(port: number): boolean {
  return port === 443 || port === 80 || (port >= 1024 && !storagePorts.has(port));
}

/** Redis and memcached obey lines in a body; the others tell by their answer that they are there. */
const storagePorts = new Set([1433, 1521, 2049, 3306, 5432, 6379, 11211, 27017]);

function refused(reason: string): Target {
  return { kind: 'refused', reason };
}
