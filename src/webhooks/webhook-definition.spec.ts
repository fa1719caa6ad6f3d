import { matches, policySchema, requestSchema, triggerSchema, type Trigger } from './webhook-definition.js';

describe('a trigger', () => {
  const trigger: Trigger = { recordType: 'response', on: ['completed'], conditions: [] };

  it('fires on what it names, of the record it names, and on nothing else', () => {
    expect(matches(trigger, event('response.completed'))).toBe(true);
    expect(matches(trigger, event('response.updated'))).toBe(false);
    expect(matches(trigger, event('invitation.completed'))).toBe(false);
    expect(matches(trigger, event('response.completed.later'))).toBe(false);
  });

  it('fires on any of several changes', () => {
    const several: Trigger = { ...trigger, on: ['created', 'updated'] };

    expect(matches(several, event('response.created'))).toBe(true);
    expect(matches(several, event('response.updated'))).toBe(true);
    expect(matches(several, event('response.completed'))).toBe(false);
  });

  it('fires only when every condition holds', () => {
    const conditional: Trigger = {
      ...trigger,
      conditions: [
        { field: 'listeningPost', operator: 'equals', value: 'transactional' },
        { field: 'overall', operator: 'not_equals', value: 10 },
      ],
    };

    expect(matches(conditional, event('response.completed', { listeningPost: 'transactional', overall: 9 }))).toBe(
      true,
    );
    expect(matches(conditional, event('response.completed', { listeningPost: 'transactional', overall: 10 }))).toBe(
      false,
    );
    expect(matches(conditional, event('response.completed', { listeningPost: 'relationship', overall: 9 }))).toBe(
      false,
    );
  });

  it('takes a score of 0 for a value, neither for nothing nor for the text "0"', () => {
    const zero: Trigger = { ...trigger, conditions: [{ field: 'overall', operator: 'equals', value: 0 }] };

    expect(matches(zero, event('response.completed', { overall: 0 }))).toBe(true);
    expect(matches(zero, event('response.completed', { overall: '0' }))).toBe(false);
    expect(matches(zero, event('response.completed', {}))).toBe(false);
    expect(matches(zero, event('response.completed', { overall: null }))).toBe(false);
  });

  it('finds a field that is not there unequal to every value', () => {
    const other: Trigger = { ...trigger, conditions: [{ field: 'band', operator: 'not_equals', value: 'promoter' }] };

    expect(matches(other, event('response.completed', {}))).toBe(true);
  });
});

describe('a definition', () => {
  const body = { kind: 'serialisation', name: 'a' };
  const policy = {
    success: 'any_2xx',
    timeoutSeconds: 1,
    retry: { kind: 'survey_waits' },
    obeysRetryAfter: true,
    circuit: null,
    switchesOff: true,
  };
  const circuit = (failures: unknown, probeSeconds: unknown) => ({ ...policy, circuit: { failures, probeSeconds } });
  const waits = (seconds: unknown[]) => ({ ...policy, retry: { kind: 'waits', seconds } });

  it.each([
    [
      'a trigger on every change',
      triggerSchema,
      { ...when({}), on: ['created', 'updated', 'completed'], conditions: [] },
    ],
    ['a condition on a text', triggerSchema, when({ field: 'band', operator: 'equals', value: '' })],
    ['a condition on a number', triggerSchema, when({ field: 'overall', operator: 'not_equals', value: 0 })],
    ['a condition on yes or no', triggerSchema, when({ field: 'test', operator: 'equals', value: false })],
    ['a URL', requestSchema, { method: 'POST', url: 'https://hooks.example.com/', body }],
    ['no URL yet', requestSchema, { method: 'POST', url: null, body }],
    ['the shortest deadline', policySchema, policy],
    ['the longest deadline', policySchema, { ...policy, success: 'exactly_200', timeoutSeconds: 30 }],
    ['no waits', policySchema, waits([])],
    ['the quickest circuit', policySchema, circuit(1, 1)],
    ['the slowest circuit', policySchema, circuit(1000, 3600)],
    ['fifty waits', policySchema, waits(Array.from({ length: 50 }, () => 0))],
  ])('with %s is taken as it is', (_what, schema, value) => {
    expect(schema.parse(value)).toEqual(value);
  });

  it('has no conditions where it names none', () => {
    expect(triggerSchema.parse({ recordType: 'response', on: ['created'] }).conditions).toEqual([]);
  });

  it.each([
    ['a trigger on nothing', triggerSchema, { recordType: 'response', on: [] }],
    ['a trigger with an unknown key', triggerSchema, { recordType: 'response', on: ['created'], when: 'always' }],
    ['a trigger on no record', triggerSchema, { recordType: '', on: ['created'] }],
    ['a trigger on an unknown change', triggerSchema, { recordType: 'response', on: ['deleted'] }],
    ['a condition on no field', triggerSchema, when({ field: '', operator: 'equals', value: 1 })],
    ['an unknown operator', triggerSchema, when({ field: 'band', operator: 'like', value: 'x' })],
    ['a condition on nothing', triggerSchema, when({ field: 'band', operator: 'equals', value: null })],
    ['a condition with an unknown key', triggerSchema, when({ field: 'band', operator: 'equals', value: 1, or: 2 })],
    ['a URL that is left out', requestSchema, { method: 'POST', body }],
    ['a request with an unknown key', requestSchema, { method: 'POST', url: null, body, headers: [] }],
    ['a body without a name', requestSchema, { method: 'POST', url: null, body: { ...body, name: '' } }],
    ['a body of an unknown kind', requestSchema, { method: 'POST', url: null, body: { ...body, kind: 'script' } }],
    ['a body with an unknown key', requestSchema, { method: 'POST', url: null, body: { ...body, type: 'x' } }],
    ['an unknown rule of success', policySchema, { ...policy, success: 'any' }],
    ['neither yes nor no to Retry-After', policySchema, { ...policy, obeysRetryAfter: undefined }],
    ['no word on its circuit', policySchema, { ...policy, circuit: undefined }],
    ['a circuit that opens before any failure', policySchema, circuit(0, 60)],
    ['a circuit that hardly opens', policySchema, circuit(1001, 60)],
    ['a circuit that always calls', policySchema, circuit(20, 0)],
    ['a circuit that hardly calls', policySchema, circuit(20, 3601)],
    ['half a failure', policySchema, circuit(1.5, 60)],
    ['a part of a second between single calls', policySchema, circuit(20, 1.5)],
    ['neither yes nor no to switching off', policySchema, { ...policy, switchesOff: undefined }],
    ['half a second', policySchema, { ...policy, timeoutSeconds: 1.5 }],
    ['an unknown schedule', policySchema, { ...policy, retry: { kind: 'never' } }],
    ['a schedule with an unknown key', policySchema, { ...policy, retry: { kind: 'survey_waits', seconds: [] } }],
    ['waits with an unknown key', policySchema, { ...policy, retry: { kind: 'waits', seconds: [], jitter: 1 } }],
    ['a policy with an unknown key', policySchema, { ...policy, attempts: 5 }],
    ['more than fifty waits', policySchema, waits(Array.from({ length: 51 }, () => 0))],
    ['an unknown method', requestSchema, { method: 'BREW', url: null, body: { kind: 'serialisation', name: 'a' } }],
    ['no deadline', policySchema, { ...policy, timeoutSeconds: 0 }],
    ['a deadline past the lease', policySchema, { ...policy, timeoutSeconds: 31 }],
    ['a wait below nothing', policySchema, waits([-1])],
  ])('with %s is refused', (_what, schema, value) => {
    expect(schema.safeParse(value).success).toBe(false);
  });
});

function when(condition: object) {
  return { recordType: 'response', on: ['created'], conditions: [condition] };
}

function event(type: string, snapshot: Record<string, unknown> = {}) {
  return { type, snapshot };
}
