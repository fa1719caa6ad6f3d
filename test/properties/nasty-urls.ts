import * as fc from 'fast-check';
import { bitsOf, blockOf, closedBlocks, type Block, type NumberedAddress } from './iana-registries.js';

const publicOnes = ['1.1.1.1', '8.8.8.8', '198.41.0.4', '2606:4700:4700::1111', '2a00:1450:4001:81b::200e'];
const metadata = [
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
];

/** Addresses in, at the edges of and next to every special block, public ones and any others. */
export const address: fc.Arbitrary<NumberedAddress> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...closedBlocks).chain(around) },
  { weight: 2, arbitrary: fc.constantFrom(...publicOnes, ...metadata).map(blockOf) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 0xffff_ffffn }).map((number) => ({ family: 4 as const, number })) },
  { weight: 1, arbitrary: around({ family: 6, number: 0x2000n << 112n, prefix: 3 }) },
  // What an IPv4 address can be disguised as.
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('::ffff:0:0', '::', '64:ff9b::', '::ffff:0:0:0'), special4()).map(inside),
  },
);

function around({ family, number, prefix }: Block): fc.Arbitrary<NumberedAddress> {
  const size = 1n << BigInt(bitsOf(family) - prefix);
  const top = (1n << BigInt(bitsOf(family))) - 1n;
  return fc
    .oneof(fc.bigInt({ min: 0n, max: size - 1n }), fc.constantFrom(-1n, 0n, size - 1n, size))
    .map((offset) => ({ family, number: clamp(number + offset, top) }));
}

function special4(): fc.Arbitrary<NumberedAddress> {
  return fc.constantFrom(...closedBlocks.filter(({ family }) => family === 4)).chain(around);
}

function inside([prefix, { number }]: [string, NumberedAddress]): NumberedAddress {
  return { family: 6, number: blockOf(prefix).number | number };
}

function clamp(number: bigint, top: bigint): bigint {
  return number < 0n ? 0n : number > top ? top : number;
}

/** The ways in which net.isIP takes an address. */
export function spellings({ family, number }: NumberedAddress): [string, ...string[]] {
  if (family === 4) return [dotted(number)];
  const groups = Array.from({ length: 8 }, (_, index) => ((number >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  const full = groups.map((group) => group.padStart(4, '0')).join(':');
  const short = new URL(`http://[${full}]`).hostname.slice(1, -1);
  const withDots = `${groups.slice(0, 6).join(':')}:${dotted(number & 0xffff_ffffn)}`;
  return [short, full, full.toUpperCase(), groups.join(':'), withDots];
}

function dotted(number: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
}

/** An IPv4 address as browsers and libraries have ever read one, and as filters have overlooked it. */
function disguised(number: bigint): fc.Arbitrary<string> {
  const octets = dotted(number).split('.').map(BigInt);
  const base = fc.constantFrom<((part: bigint) => string)[]>(
    (part) => part.toString(),
    (part) => `0x${part.toString(16)}`,
    (part) => `0X${part.toString(16).toUpperCase().padStart(10, '0')}`,
    (part) => `0${part.toString(8)}`,
    (part) => `000${part.toString(8)}`,
  );
  const parts = fc.constantFrom(
    octets,
    [number],
    [octets[0]!, number & 0xff_ffffn],
    [octets[0]!, octets[1]!, number & 0xffffn],
  );
  const end = fc.constantFrom('', '.', '');
  return fc
    .tuple(parts, fc.array(base, { minLength: 4, maxLength: 4 }), end, letters)
    .map(([chosen, bases, dot, letter]) => letter(chosen.map((part, index) => bases[index]!(part)).join('.') + dot));
}

/** Other signs that are read as the plain ones. */
const letters = fc.constantFrom<((host: string) => string)[]>(
  (host) => host,
  (host) => host,
  (host) => host.replace(/[0-9.]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)),
  (host) => host.replace(/\d/g, (digit) => String.fromCodePoint(0x1d7ce + Number(digit))),
  (host) => host.replaceAll('.', '。'),
  (host) => host.replace(/./g, (sign) => `%${sign.charCodeAt(0).toString(16)}`),
  (host) => host.replace(/^./, (sign) => `${sign}\u00ad\u200b`),
);

/** Names that the scripted resolver knows, and some that it must never be asked for. */
export const NAMES = ['a.test', 'b.test', 'c.test', 'localhost', 'hooks.example.com', '127.0.0.1.nip.io'];

const name = fc
  .tuple(fc.constantFrom(...NAMES, 'metadata.google.internal', 'METADATA', 'metadata.goog'), fc.constantFrom('', '.'))
  .map((parts) => parts.join(''));

const literal = address.chain((given) =>
  given.family === 4
    ? fc.oneof(disguised(given.number), fc.constantFrom(...spellings(given)))
    : fc
        .constantFrom(...spellings(given))
        .chain((text) => fc.constantFrom(`[${text}]`, `[${text}]`, `[${text}%25eth0]`, text)),
);

const host = fc.oneof(
  { weight: 4, arbitrary: literal },
  { weight: 3, arbitrary: name },
  { weight: 1, arbitrary: fc.webAuthority() },
);

/** URLs in all the forms that have led filters and clients to different hosts. */
export const nastyUrl: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(
      'http://',
      'https://',
      'http://',
      'HTTP://',
      'http:/',
      'http:',
      'http:\\\\',
      'ht\ttp://',
      ' http://',
      'ftp://',
      '',
    ),
    fc.constantFrom('', '', '', '', '', '', 'user:pw@', '@', 'a.test@', 'a.test#@', 'a.test\\@', 'a.test%40'),
    host,
    fc.constantFrom('', '', '', ':80', ':443', ':8080', ':080', ':', ':22', ':0', ':65536', ':5432'),
    fc.constantFrom('', '/', '/hook', '?x=@a.test', '#@a.test', '\\@a.test', '/..//a.test', '\r\n/'),
  )
  .map((parts) => parts.join(''));
