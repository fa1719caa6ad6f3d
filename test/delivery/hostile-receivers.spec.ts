import { GuardedClient } from '../../src/outbound/guarded-client.js';
import { attempted, comeDue, logOf } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { hostileAnswers } from '../support/hostile-answers.js';
import { expectHealthyUndelayed, expectInLog } from '../support/hostile-log.js';
import { callHostile, type HostileRun } from '../support/hostile-run.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';

const receivers = new Map<string, Receiver>();
let run: HostileRun;

beforeAll(async () => {
  for (const [name, [answer]] of Object.entries(hostileAnswers)) receivers.set(name, await startReceiver({ answer }));
  run = await callHostile(
    new Map(
      [...receivers].map(([name, receiver]) => [name, { url: receiver.url('/hook'), told: hostileAnswers[name]![1] }]),
    ),
  );
}, 120_000);
afterAll(async () => {
  await run?.close();
  for (const receiver of receivers.values()) await receiver.close();
});

describe('a receiver that', () => {
  it.each(Object.keys(hostileAnswers))('%s', async (name) => {
    await expectInLog(run, name, hostileAnswers[name]![1]);
    expect(receivers.get(name)!.connections).toBe(1);
  });

  it('answers twice has answered one call, and the next call gets its own answer', async () => {
    const receiver = receivers.get('answers twice at once, no first')!;
    receiver.answer = answers.with(503, 'later');
    const { id } = run.deliveries.get('answers twice at once, no first')!;
    await comeDue(run.onlooker, id);
    await attempted(run.worker, id, 2);
    expect(await logOf(run.worker, id)).toEqual(['1 rejected', '2 rejected']);
    expect(receiver.connections).toBe(2);
  });
});

it('a healthy webhook beside all of them is not delayed', () => {
  expectHealthyUndelayed(run);
});

it('none of them switches its webhook off', async () => {
  const { rows } = await run.onlooker.pool.query(
    'select count(*)::integer as on from webhook where organisation_id = $1 and enabled',
    [run.watched.organisation.id],
  );
  expect(rows).toEqual([{ on: receivers.size }]);
});

it('none of them leaves a connection behind', async () => {
  for (const receiver of receivers.values()) receiver.cut();
  await eventually(() => run.worker.context.get(GuardedClient).openOrigins === 0);
});
