import * as fc from 'fast-check';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import type { Model } from '../support/delivery-model.js';
import { FAILURES_THAT_OPEN, steps } from '../support/delivery-steps.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { holdsAsync } from '../support/properties.js';

let database: TestDatabase;
let hand: TestWorker;

beforeAll(async () => {
  database = await createTestDatabase();
  hand = await startWorker(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await hand?.close();
  await database?.drop();
});

it('steps in any order keep the invariants of src/delivery/README.md', async () => {
  await holdsAsync(
    fc.asyncProperty(fc.boolean(), fc.commands(steps, { maxCommands: 120, size: 'max' }), async (isOn, commands) => {
      await hand.pool.query('delete from due_attempt');
      const organisation = await buildOrganisation(hand, 'http://127.0.0.1:9/');
      await setCircuit(organisation, isOn);
      const circuit = { isOn, failures: 0, isOpen: false, mayProbe: false };
      const model: Model = { webhook: 'on', circuit, deliveries: [], claims: [] };
      await fc.asyncModelRun(() => ({ model, real: { hand, organisation } }), commands);
    }),
    { runs: 100 },
  );
});

async function setCircuit({ webhook }: TestOrganisation, isOn: boolean): Promise<void> {
  const circuit = isOn ? { failures: FAILURES_THAT_OPEN, probeSeconds: 3_600 } : null;
  await hand.pool.query('update webhook set policy = policy || $2 where id = $1', [webhook.id, { circuit }]);
}
