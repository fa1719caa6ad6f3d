export type Band = 'promoter' | 'passive' | 'detractor';

/** 9–10 are promoters, 7–8 passives, 0–6 detractors. */
export function bandOf(overall: number): Band {
  if (overall >= 9) {
    return 'promoter';
  }
  return overall >= 7 ? 'passive' : 'detractor';
}
