/** The experience factors of question 2, in the payload's order; the names are the payload's keys. */
export const experienceFactors = [
  'Responsiveness',
  'Interpersonal',
  'Knowledge',
  'Communication',
  'Speed',
  'Confirmation',
  'Effort',
  'Other',
] as const;

export type ExperienceFactor = (typeof experienceFactors)[number];
