import { Pace } from './pace.js';

const WEBHOOK = 7;

describe('the pace of a webhook', () => {
  it('begins with four calls at once, and each answer allows one more', () => {
    const pace = new Pace();
    expect(pace.callsOf(WEBHOOK)).toBe(4);
    for (let call = 0; call < 12; call += 1) pace.ended(WEBHOOK, true);
    expect(pace.callsOf(WEBHOOK)).toBe(16);
  });

  it('is halved by each call without an answer, and never comes to a halt', () => {
    const pace = new Pace();
    for (let call = 0; call < 16; call += 1) pace.ended(WEBHOOK, true);
    const after = [];
    for (let call = 0; call < 7; call += 1) {
      pace.ended(WEBHOOK, false);
      after.push(pace.callsOf(WEBHOOK));
    }
    expect(after).toEqual([10, 5, 2, 1, 1, 1, 1]);
    pace.ended(WEBHOOK, true);
    expect(pace.callsOf(WEBHOOK)).toBe(2);
  });

  it('is its own, and told to claims with what holds for all others', () => {
    const pace = new Pace();
    pace.ended(WEBHOOK, true);
    pace.ended(8, false);
    expect(pace.allowed()).toEqual({ webhookIds: [WEBHOOK, 8], calls: [5, 2], others: 4 });
  });

  it('is less what the process holds already, until that has ended or was given back', () => {
    const pace = new Pace();
    for (let call = 0; call < 3; call += 1) pace.took(WEBHOOK);
    expect(pace.allowed()).toEqual({ webhookIds: [WEBHOOK], calls: [1], others: 4 });
    pace.gaveBack(WEBHOOK);
    expect(pace.allowed().calls).toEqual([2]);
    pace.ended(WEBHOOK, false);
    expect(pace.allowed().calls).toEqual([1]);
    pace.took(WEBHOOK);
    pace.ended(WEBHOOK, false);
    expect(pace.allowed().calls).toEqual([0]);
    pace.gaveBack(WEBHOOK);
    expect(pace.allowed().calls).toEqual([1]);
  });

  it('of what is held no more and was never called is as if nothing were known', () => {
    const pace = new Pace();
    pace.took(WEBHOOK);
    pace.gaveBack(WEBHOOK);
    expect(pace.allowed().webhookIds).toEqual([]);
  });

  it('grows to no more than a thousand calls', () => {
    const pace = new Pace();
    for (let call = 0; call < 2_000; call += 1) pace.ended(WEBHOOK, true);
    expect(pace.callsOf(WEBHOOK)).toBe(1_000);
  });

  it('is kept of the thousand webhooks that were called last', () => {
    const pace = new Pace();
    for (let webhookId = 1; webhookId <= 1_500; webhookId += 1) pace.ended(webhookId, true);
    expect(pace.allowed().webhookIds).toHaveLength(1_000);
    expect(pace.callsOf(500)).toBe(4);
    expect(pace.callsOf(501)).toBe(5);
  });
});
