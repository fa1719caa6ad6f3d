const DIGITS = 13;

/** A delivery's number as people and receivers see it: 13 lowercase hexadecimal digits. */
export function webhookIdOf(deliveryId: number): string {
  return deliveryId.toString(16).padStart(DIGITS, '0');
}

/** The number behind a Webhook ID, or null when the text is none. */
export function deliveryIdOf(webhookId: string): number | null {
  return /^[0-9a-f]{13}$/.test(webhookId) ? Number.parseInt(webhookId, 16) : null;
}
