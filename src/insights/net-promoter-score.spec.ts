import { adjustedWald, netPromoterScore } from './net-promoter-score.js';

// Worked values of the research, section 3: promoters, detractors, n, the score, the adjusted point and its margin.
const vectors = [
  [291, 395, 1162, -8.95, -8.93, 4.38],
  [60, 20, 100, 40.0, 38.83, 15.46],
  [12, 4, 20, 40.0, 34.78, 32.69],
  [10, 0, 10, 100.0, 76.92, 29.42],
  [5, 1, 8, 50.0, 36.36, 43.81],
] as const;

test.each(vectors)(
  '%i promoters and %i detractors of %i: adjusted Wald',
  (promoters, detractors, n, _score, point, margin) => {
    const interval = adjustedWald({ promoters, detractors, passives: n - promoters - detractors });
    expect(interval.point).toBeCloseTo(point, 1);
    expect(Math.abs(interval.point - point)).toBeLessThan(0.006);
    expect(Math.abs(interval.margin - margin)).toBeLessThan(0.006);
  },
);

test.each(vectors.filter(([, , n]) => n >= 10))(
  '%i promoters and %i detractors of %i: the score',
  (promoters, detractors, n, score) => {
    const result = netPromoterScore({ promoters, detractors, passives: n - promoters - detractors });
    expect(result).toMatchObject({ kind: 'score', n });
    expect(result).toHaveProperty('score', expect.closeTo(score, 1));
  },
);

test('no responses are no score, not 0', () => {
  expect(netPromoterScore({ promoters: 0, passives: 0, detractors: 0 })).toEqual({ kind: 'none' });
});

test('below ten responses there is nothing to say', () => {
  expect(netPromoterScore({ promoters: 5, passives: 2, detractors: 2 })).toEqual({ kind: 'few', n: 9 });
  expect(netPromoterScore({ promoters: 5, passives: 3, detractors: 2 })).toMatchObject({ kind: 'score', n: 10 });
});

test('the interval stays between −100 and 100', () => {
  expect(netPromoterScore({ promoters: 10, passives: 0, detractors: 0 })).toMatchObject({ score: 100, high: 100 });
  expect(netPromoterScore({ promoters: 0, passives: 0, detractors: 10 })).toMatchObject({ score: -100, low: -100 });
});

test('only passives are a score of 0', () => {
  expect(netPromoterScore({ promoters: 0, passives: 12, detractors: 0 })).toMatchObject({ kind: 'score', score: 0 });
});
