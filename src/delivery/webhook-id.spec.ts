import { deliveryIdOf, webhookIdOf, webhookIdSchema } from './webhook-id.js';

describe('a Webhook ID', () => {
  it.each([
    [0, '0000000000000'],
    [1, '0000000000001'],
    [0xa65768befa38a, 'a65768befa38a'],
    [2 ** 52 - 1, 'fffffffffffff'],
  ])('of delivery %d is the 13 digits %s, and leads back to it', (number, text) => {
    expect(webhookIdOf(number)).toBe(text);
    expect(deliveryIdOf(text)).toBe(number);
    expect(webhookIdSchema.parse(text)).toBe(text);
  });

  it.each([
    '',
    'a65768befa38',
    'a65768befa38a0',
    'A65768BEFA38A',
    'a65768befa38g',
    ' a65768befa38a',
    'a65768befa38a\n',
  ])('is not %p', (text) => {
    expect(deliveryIdOf(text)).toBeNull();
    expect(webhookIdSchema.safeParse(text).success).toBe(false);
  });

  it('sorts as its number does', () => {
    const numbers = [9, 10, 4095, 4096, 2 ** 40, 2 ** 51];

    expect(numbers.map(webhookIdOf).toSorted()).toEqual(numbers.map(webhookIdOf));
  });
});
