/** Below so many responses a score says more about chance than about the service. */
export const FEW_RESPONSES = 10;

/** Standard deviations on either side that hold 95 % of a normal distribution. */
const Z_95 = 1.96;

export interface BandCounts {
  promoters: number;
  passives: number;
  detractors: number;
}

export type NetPromoterScore =
  | { kind: 'none' }
  | { kind: 'few'; n: number }
  | { kind: 'score'; n: number; score: number; low: number; high: number };

/** The score from −100 to 100 with its 95 % interval; none without responses, and none to speak of with a few. */
export function netPromoterScore(counts: BandCounts): NetPromoterScore {
  const n = counts.promoters + counts.passives + counts.detractors;
  if (n === 0) {
    return { kind: 'none' };
  }
  if (n < FEW_RESPONSES) {
    return { kind: 'few', n };
  }
  const { point, margin } = adjustedWald(counts);
  return {
    kind: 'score',
    n,
    score: (100 * (counts.promoters - counts.detractors)) / n,
    low: Math.max(point - margin, -100),
    high: Math.min(point + margin, 100),
  };
}

/**
 * The adjusted Wald interval: three made-up responses, of which three quarters of one are promoters and as many
 * detractors, then the plain formula for the mean of −1, 0 and 1. The best in Rocks, "Interval Estimation for
 * the Net Promoter Score", The American Statistician 70 (2016); the plain one says ±0 when ten of ten are
 * promoters.
 */
export function adjustedWald({ promoters, passives, detractors }: BandCounts): { point: number; margin: number } {
  const n = promoters + passives + detractors + 3;
  const p = (promoters + 0.75) / n;
  const d = (detractors + 0.75) / n;
  const variance = p + d - (p - d) ** 2;
  return { point: 100 * (p - d), margin: 100 * Z_95 * Math.sqrt(variance / n) };
}
