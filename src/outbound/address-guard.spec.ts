import { type Address, AddressGuard } from './address-guard.js';

const v4 = (address: string): Address => ({ address, family: 4 });

function guardWith(answers: Record<string, readonly Address[]>, allowedNetworks: string[] = []) {
  const asked: string[] = [];
  const guard = new AddressGuard({
    allowedNetworks,
    ownAddresses: () => ['198.41.0.4', '10.9.9.9'],
    lookup: async (hostname) => {
      asked.push(hostname);
      const found = answers[hostname];
      if (!found) throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
      return found;
    },
  });
  return { guard, asked };
}

describe('vet', () => {
  test('a name is resolved and every address handed back', async () => {
    const { guard } = guardWith({ 'a.test': [v4('1.1.1.1'), v4('8.8.8.8')] });
    expect(await guard.vet('a.test')).toEqual({ kind: 'addresses', addresses: [v4('1.1.1.1'), v4('8.8.8.8')] });
  });

  test('one bad address refuses the whole answer, without naming it', async () => {
    const { guard } = guardWith({ 'a.test': [v4('1.1.1.1'), v4('10.0.0.5')] });
    const vetted = await guard.vet('a.test');
    expect(vetted).toMatchObject({ kind: 'refused', reason: 'blocked_address' });
    expect(JSON.stringify(vetted)).not.toContain('10.0.0.5');
  });

  test('a literal is judged without asking DNS, brackets or not', async () => {
    const { guard, asked } = guardWith({}, ['192.168.7.0/24']);
    expect(await guard.vet('127.0.0.1')).toMatchObject({ reason: 'blocked_address' });
    expect(await guard.vet('[::1]')).toMatchObject({ reason: 'blocked_address' });
    expect(await guard.vet('192.168.7.9')).toMatchObject({ kind: 'addresses' });
    expect(asked).toEqual([]);
  });

  test('an unknown name and an empty answer are DNS failures', async () => {
    const { guard } = guardWith({ 'empty.test': [] });
    expect(await guard.vet('nowhere.test')).toMatchObject({
      reason: 'dns',
      message: expect.stringContaining('ENOTFOUND'),
    });
    expect(await guard.vet('empty.test')).toMatchObject({ reason: 'dns' });
  });

  test('lookups of one name at the same time are one lookup; later ones ask again', async () => {
    const { guard, asked } = guardWith({ 'a.test': [v4('1.1.1.1')] });
    await Promise.all([guard.vet('a.test'), guard.vet('a.test'), guard.vet('a.test')]);
    await guard.vet('a.test');
    expect(asked).toEqual(['a.test', 'a.test']);
  });

  test('says what is wrong with a name, without giving an address away', async () => {
    const { guard } = guardWith({ 'inside.test': [v4('10.0.0.5')], 'empty.test': [] });
    expect(await guard.vet('inside.test')).toEqual({
      kind: 'refused',
      reason: 'blocked_address',
      message:
        'The name inside.test leads to an address that is not public. Only public addresses are called; ' +
        'if this one is meant, ask the operator to add it to DELIVERY_ALLOWED_NETWORKS.',
    });
    expect(await guard.vet('nowhere.test')).toEqual({
      kind: 'refused',
      reason: 'dns',
      message: 'The name nowhere.test could not be found in DNS (ENOTFOUND). Check its spelling.',
    });
    expect(await guard.vet('empty.test')).toMatchObject({
      message: 'The name empty.test could not be found in DNS (ENODATA). Check its spelling.',
    });
    const speechless = new AddressGuard({
      allowedNetworks: [],
      lookup: () => Promise.reject(new Error('at 10.0.0.5')),
    });
    expect(await speechless.vet('any.test')).toMatchObject({
      message: 'DNS gave no answer for the name any.test. Its name server may be down.',
    });
  });

  test('a literal keeps its family', async () => {
    const { guard } = guardWith({});
    expect(await guard.vet('1.1.1.1')).toEqual({ kind: 'addresses', addresses: [v4('1.1.1.1')] });
    expect(await guard.vet('[2606:4700:4700::1111]')).toEqual({
      kind: 'addresses',
      addresses: [{ address: '2606:4700:4700::1111', family: 6 }],
    });
  });

  test('the system’s resolver is asked by default', async () => {
    const guard = new AddressGuard({ allowedNetworks: ['127.0.0.0/8', '::1/128'] });
    const vetted = await guard.vet('localhost');
    expect(vetted.kind).toBe('addresses');
    for (const { address, family } of vetted.kind === 'addresses' ? vetted.addresses : []) {
      expect([address, family]).toEqual(address === '::1' ? ['::1', 6] : ['127.0.0.1', 4]);
    }
  });

  test.each(['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data.ec2.internal'])(
    'the metadata host name %s is refused whatever it resolves to',
    async (name) => {
      const { guard, asked } = guardWith({ [name]: [v4('1.1.1.1')] });
      expect(await guard.vet(name)).toMatchObject({ reason: 'blocked_address' });
      expect(asked).toEqual([]);
    },
  );

  test('a metadata host name is refused in every spelling', async () => {
    const { guard } = guardWith({ 'metadata.google.internal': [v4('1.1.1.1')] });
    expect(await guard.vet('metadata.google.internal.')).toMatchObject({ reason: 'blocked_address' });
    expect(await guard.vet('METADATA')).toMatchObject({ reason: 'blocked_address' });
  });
});

describe('isAllowed', () => {
  test('allowed networks open private addresses, mapped ones included', () => {
    const { guard } = guardWith({}, ['127.0.0.0/8', '::1/128', 'fd12::/16']);
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', 'fd12::1']) {
      expect([address, guard.isAllowed(address)]).toEqual([address, true]);
    }
    for (const address of ['10.0.0.1', '::ffff:10.0.0.1', 'fd13::1', 'fe80::1%eth0', '::1%lo']) {
      expect([address, guard.isAllowed(address)]).toEqual([address, false]);
    }
  });

  test('no allowed network opens a metadata service', () => {
    const { guard } = guardWith({}, ['0.0.0.0/0', '::/0']);
    const services = ['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '192.0.0.192'];
    const inIPv6 = ['::ffff:a9fe:a9fe', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254'];
    for (const address of [...services, ...inIPv6]) {
      expect([address, guard.isAllowed(address)]).toEqual([address, false]);
      expect([address, guard.isAllowed(address, 'own receiver')]).toEqual([address, false]);
    }
  });

  test("this host's own public address is refused unless it is listed", () => {
    expect(guardWith({}).guard.isAllowed('198.41.0.4')).toBe(false);
    expect(guardWith({}, ['198.41.0.4']).guard.isAllowed('198.41.0.4')).toBe(true);
    expect(guardWith({}).guard.isAllowed('198.41.0.5')).toBe(true);
  });

  test('the own receiver may be on this machine and in its private networks', () => {
    const { guard } = guardWith({});
    for (const address of ['127.0.0.1', '::1', '10.1.2.3', '172.16.1.1', '192.168.1.1', '198.41.0.4', 'fd12::1']) {
      expect([address, guard.isAllowed(address, 'own receiver')]).toEqual([address, true]);
    }
    expect(guard.isAllowed('169.254.1.1', 'own receiver')).toBe(false);
    expect(guard.isAllowed('1.1.1.1', 'own receiver')).toBe(true);
  });

  test('an address of this host with a zone, or that is none, opens and closes nothing', () => {
    const own = ['fe80::1%eth0', 'none', '198.41.0.4'];
    const guard = new AddressGuard({ allowedNetworks: [], ownAddresses: () => own });
    expect(guard.isAllowed('198.41.0.4')).toBe(false);
    expect(guard.isAllowed('198.41.0.5')).toBe(true);
  });

  test('this host’s addresses are looked at again when they change', () => {
    let own: string[] = [];
    const guard = new AddressGuard({ allowedNetworks: [], ownAddresses: () => own });
    expect(guard.isAllowed('198.41.0.4')).toBe(true);
    own = ['198.41.0.4'];
    expect(guard.isAllowed('198.41.0.4')).toBe(false);
  });

  test("by default the addresses of this host's interfaces are its own", () => {
    const guard = new AddressGuard({ allowedNetworks: [] });
    expect(guard.isAllowed('127.0.0.1')).toBe(false);
    expect(guard.isAllowed('1.1.1.1')).toBe(true);
  });
});

describe('checkUrl', () => {
  test('tells a person what is wrong and what to do', async () => {
    const { guard } = guardWith({ 'good.test': [v4('1.1.1.1')], 'bad.test': [v4('10.0.0.5')] });
    expect(await guard.checkUrl('https://good.test/hook')).toEqual({ kind: 'ok' });
    expect(await guard.checkUrl('https://10.0.0.5/hook')).toEqual({
      kind: 'refused',
      reason:
        'The address 10.0.0.5 is in a private network. Only public addresses are called; ' +
        'if this one is meant, ask the operator to add it to DELIVERY_ALLOWED_NETWORKS.',
    });
    expect(await guard.checkUrl('https://10.9.9.9/')).toMatchObject({
      reason: expect.stringContaining('this machine'),
    });
    expect(await guard.checkUrl('http://169.254.169.254/')).toMatchObject({
      reason: "The address 169.254.169.254 is a cloud's metadata service. It is never called.",
    });
    expect(await guard.checkUrl('https://bad.test/hook')).toMatchObject({ kind: 'refused' });
    expect(await guard.checkUrl('https://nowhere.test/')).toMatchObject({ kind: 'unresolvable' });
    expect(await guard.checkUrl('ftp://good.test/')).toMatchObject({ kind: 'refused' });
  });
});
