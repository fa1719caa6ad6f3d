import { durationInWords, waitInWords, waitsBriefly } from './words.js';

test.each([
  [0, '0 ms'],
  [340, '340 ms'],
  [1200, '1.2 s'],
  [5000, '5 s'],
  [14_996, '15 s'],
  [60_000, '1 min'],
  [252_000, '4 min 12 s'],
  [3_605_000, '1 h'],
  [2 ** 31 - 1, '24 d 20 h'],
])('a duration of %i ms is "%s"', (milliseconds, words) => {
  expect(durationInWords(milliseconds)).toBe(words);
});

test.each([
  [-3, 'now'],
  [0.2, 'now'],
  [0.7, 'in 1 s'],
  [299.6, 'in 5 min'],
  [2400, 'in 40 min'],
])('a wait of %d s is "%s"', (seconds, words) => {
  expect(waitInWords(seconds)).toBe(words);
});

test.each([
  [null, null],
  ['The webhook was deleted.', 'Waits because the webhook was deleted.'],
  ['The webhook is switched off. What is due waits.', 'Waits because the webhook is switched off.'],
  ['The Basic plan has no webhooks: another is needed.', 'Waits because the Basic plan has no webhooks.'],
])('the reason %j is briefly %j', (reason, words) => {
  expect(waitsBriefly(reason)).toBe(words);
});
