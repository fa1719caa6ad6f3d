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
  it.each([
    ['a trigger on nothing', triggerSchema, { recordType: 'response', on: [] }],
    ['a trigger with an unknown key', triggerSchema, { recordType: 'response', on: ['created'], when: 'always' }],
    ['an unknown method', requestSchema, { method: 'BREW', url: null, body: { kind: 'serialisation', name: 'a' } }],
    ['no deadline', policySchema, { success: 'exactly_200', timeoutSeconds: 0, retry: { kind: 'survey_waits' } }],
    [
      'a deadline past the lease',
      policySchema,
      { success: 'exactly_200', timeoutSeconds: 31, retry: { kind: 'survey_waits' } },
    ],
    [
      'a wait below nothing',
      policySchema,
      { success: 'any_2xx', timeoutSeconds: 1, retry: { kind: 'waits', seconds: [-1] } },
    ],
  ])('with %s is refused', (_what, schema, value) => {
    expect(schema.safeParse(value).success).toBe(false);
  });
});

function event(type: string, snapshot: Record<string, unknown> = {}) {
  return { type, snapshot };
}
