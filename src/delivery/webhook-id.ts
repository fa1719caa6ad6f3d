import { z } from 'zod';

const DIGITS = 13;

/** A delivery's number as people and receivers see it: 13 lowercase hexadecimal digits. */
export function webhookIdOf(deliveryId: number): string {
  return deliveryId.toString(16).padStart(DIGITS, '0');
}

/** A Webhook ID in the API and its description. */
export const webhookIdSchema = z
  .string()
  .regex(/^[0-9a-f]{13}$/)
  .meta({
    description: 'The Webhook ID: 13 hexadecimal digits, the same in every attempt and in the payload.',
    examples: ['a65768befa38a'],
  });

/** The number behind a Webhook ID, or null when the text is none. */
export function deliveryIdOf(webhookId: string): number | null {
  return /^[0-9a-f]{13}$/.test(webhookId) ? Number.parseInt(webhookId, 16) : null;
}
