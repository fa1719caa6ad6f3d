import { Networks, withoutMapping } from './networks.js';
import { describeSpecialAddress, isPublicAddress } from './public-address.js';

describe('isPublicAddress', () => {
  test.each([
    ['this network', '0.0.0.0', '0.255.255.255'],
    ['private networks', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.255.1'],
    ['shared (CGNAT)', '100.64.0.1', '100.127.255.255', '100.100.100.200'],
    ['loopback', '127.0.0.1', '127.0.0.53', '127.255.255.255'],
    ['link-local, metadata', '169.254.0.1', '169.254.169.254', '169.254.170.2'],
    ['IETF protocol assignments', '192.0.0.1', '192.0.0.9', '192.0.0.192'],
    ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.255'],
    ['AS112', '192.31.196.1', '192.175.48.1'],
    ['AMT', '192.52.193.1'],
    ['6to4 relay', '192.88.99.1'],
    ['benchmarking', '198.18.0.1', '198.19.255.255'],
    ['multicast', '224.0.0.1', '239.255.255.250'],
    ['reserved, broadcast', '240.0.0.1', '255.255.255.255'],
    ['IPv6 unspecified and loopback', '::', '::1', '0:0:0:0:0:0:0:1'],
    ['v4-mapped', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '::ffff:8.8.8.8'],
    ['v4-compatible', '::127.0.0.1', '::7f00:1', '::8.8.8.8'],
    ['SIIT', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1', '64:ff9b:1::7f00:1'],
    ['discard and dummy prefix', '100::1', '100:0:0:1::1'],
    ['Teredo, benchmarking, ORCHID', '2001::1', '2001:2::1', '2001:10::1', '2001:20::1', '2001:1ff:ffff::1'],
    ['IPv6 documentation', '2001:db8::1', '3fff::1', '3fff:fff:ffff::1'],
    ['6to4', '2002:7f00:1::', '2002:a9fe:a9fe::'],
    ['IPv6 AS112', '2620:4f:8000::1'],
    ['unallocated', '1::1', '4000::1', '5000::1', '8000::1', 'e000::1'],
    ['SRv6', '5f00::1'],
    ['unique local', 'fc00::1', 'fd00:ec2::254', 'fdff::1'],
    ['link-local and site-local', 'fe80::1', 'febf::1', 'fec0::1'],
    ['IPv6 multicast', 'ff02::1', 'ff0e::1'],
    ['zone ids', 'fe80::1%eth0', '2606:4700:4700::1111%eth0', '2606:4700:4700::1111%'],
    [
      'no addresses',
      '',
      'localhost',
      '127.1',
      '0x7f000001',
      '2130706433',
      '0177.0.0.1',
      '1.2.3.4.5',
      '[::1]',
      '8.8.8.8/32',
    ],
  ])('refuses %s', (_category, ...addresses) => {
    for (const address of addresses) expect([address, isPublicAddress(address)]).toEqual([address, false]);
  });

  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2620:4f:7fff::1',
    '3ffe::1',
  ])('takes %s as public, next to a special range or not', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

test('a special address is described in words', () => {
  expect(describeSpecialAddress('10.0.0.5')).toBe('in a private network');
  expect(describeSpecialAddress('::ffff:7f00:1')).toBe('this machine itself');
  expect(describeSpecialAddress('fe80::1')).toBe('in a link-local network');
  expect(describeSpecialAddress('203.0.113.1')).toBe('set aside for special purposes');
});

test('a v4-mapped address is unwrapped from every spelling', () => {
  expect(withoutMapping('::ffff:127.0.0.1')).toBe('127.0.0.1');
  expect(withoutMapping('0:0:0:0:0:FFFF:7F00:0001')).toBe('127.0.0.1');
  expect(withoutMapping('::ffff:a9fe:a9fe')).toBe('169.254.169.254');
  expect(withoutMapping('::7f00:1')).toBe('::7f00:1');
  expect(withoutMapping('nothing')).toBe('nothing');
});

describe('Networks', () => {
  test('the whole of IPv6 does not hold IPv4', () => {
    expect(new Networks(['::/0']).has('127.0.0.1')).toBe(false);
    expect(new Networks(['::/0']).has('::1')).toBe(true);
  });

  test.each(['10.0.0.0/33', '10.0.0/8', 'localhost', '', '::1/129', 'fe80::1%eth0/64', '10.0.0.0/', '10.0.0.0/8/8'])(
    'a wrong network %j is named',
    (cidr) => {
      expect(() => new Networks([cidr])).toThrow(`"${cidr}" is not a network`);
    },
  );

  test.each(['10.0.0.0/x8', '10.0.0.0/8x', '10.0.0.0/0008', '10.0.0.0/-1', '/8'])('so is %j', (cidr) => {
    expect(() => new Networks([cidr])).toThrow(`"${cidr}" is not a network`);
  });

  test('blanks around a network are none of it', () => {
    expect(new Networks([' 10.0.0.0/8 ']).has('10.1.2.3')).toBe(true);
  });

  test('only addresses are in a network', () => {
    const all = new Networks(['0.0.0.0/0', '::/0']);
    for (const text of ['', 'localhost', '10.0.0', 'fe80::1%eth0'])
      expect([text, all.has(text)]).toEqual([text, false]);
  });
});
