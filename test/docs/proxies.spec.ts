import { attemptFrom, auditTrail } from '../support/accounts.js';
import { read } from '../support/documents.js';
import { buildMember, useWeb, type TestWeb } from '../support/web.js';

let web: TestWeb;

// No TRUSTED_PROXIES: what a proxy says of its visitors is not believed.
useWeb((started) => {
  web = started;
});

test('without TRUSTED_PROXIES everybody behind a proxy shares its address, and what is counted by it', async () => {
  expect(read('docs/operating.md')).toContain('**Without it, everybody seems to come from the proxy**');
  const [ann, bob] = [await buildMember(web), await buildMember(web)];
  for (const { address, member } of [
    { address: '198.51.100.1', member: ann },
    { address: '198.51.100.2', member: bob },
  ]) {
    expect((await attemptFrom(web, address, { ...member, password: 'wrong horse' })).status).toBe(422);
    expect(await auditTrail(web, member.organisationId)).toMatchObject([
      { action: 'sign_in.failed', address: '127.0.0.1' },
    ]);
  }
  const { rows } = await web.pool.query<{ drops: number }>(
    'select count(*) as drops from sign_in_counter where level > 1.5',
  );
  // Two accounts and two pairs have one failure each; the one address has both.
  expect(rows).toEqual([{ drops: 1 }]);
});
