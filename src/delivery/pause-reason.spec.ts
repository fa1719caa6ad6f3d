import { circuitReason, webhookPauseReason } from './pause-reason.js';

const calling = { enabled: true, deleted: false, plan: 'corporate', test: false };

describe('a webhook', () => {
  it('calls while it is on, on a plan that has webhooks', () => {
    expect(webhookPauseReason(calling)).toBeNull();
    expect(webhookPauseReason({ ...calling, plan: 'enterprise' })).toBeNull();
  });

  it('sends its tests while it is off', () => {
    expect(webhookPauseReason({ ...calling, enabled: false, test: true })).toBeNull();
  });

  it('says why it waits: it was deleted, the plan has no webhooks, it is off; the first of these', () => {
    const off = { ...calling, enabled: false };
    const switchedOff = 'The webhook is switched off. What is due waits until it is switched on again.';
    const basic = 'The Basic plan has no webhooks: the Corporate or the Enterprise plan is needed.';
    expect(webhookPauseReason(off)).toBe(switchedOff);
    expect(webhookPauseReason({ ...off, plan: 'basic' })).toBe(basic);
    expect(webhookPauseReason({ ...off, plan: 'basic', test: true })).toBe(basic);
    expect(webhookPauseReason({ ...off, plan: 'basic', deleted: true })).toBe('The webhook was deleted.');
  });

  it('says how many attempts failed where its circuit is open', () => {
    expect(circuitReason(null)).toBeNull();
    expect(circuitReason(1200)).toContain('The last 1,200 attempts of the webhook failed');
  });
});
