/** What decides whether a webhook may call at all. */
export interface WebhookState {
  enabled: boolean;
  deleted: boolean;
  plan: string;
  /** The delivery is a test, which is sent while the webhook is off too. */
  test: boolean;
}

/** Why what is due waits and a resend is refused; null when nothing stands in the way. */
export function webhookPauseReason({ enabled, deleted, plan, test }: WebhookState): string | null {
  if (deleted) {
    return 'The webhook was deleted.';
  }
  if (plan === 'basic') {
    return 'The Basic plan has no webhooks: the Corporate or the Enterprise plan is needed.';
  }
  if (!enabled && !test) {
    return 'The webhook is switched off. What is due waits until it is switched on again.';
  }
  return null;
}

/**
 * Why an automatic attempt waits although its webhook may call; null when nothing holds it back.
 *
 * @param failures attempts of the webhook that failed in a row, where they opened its circuit
 */
export function circuitReason(failures: number | null): string | null {
  return failures === null
    ? null
    : `Its circuit is open. The last ${failures.toLocaleString('en')} attempts of the webhook failed: until a single call ` +
        'that is tried now and then succeeds, no attempt is spent. Resend calls at once.';
}
