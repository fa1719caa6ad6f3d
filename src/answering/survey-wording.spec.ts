import { describe, expect, it } from '@jest/globals';
import { surveyQuestions, surveyWording } from './survey-wording.js';

const wording = surveyWording('en-NZ');

describe('surveyQuestions', () => {
  it('chooses no score by itself, and 0 is a score', () => {
    expect(surveyQuestions(wording, { overall: null, factors: [] }).scores.some(({ checked }) => checked)).toBe(false);
    expect(surveyQuestions(wording, { overall: 0, factors: [] }).scores[0]).toEqual({ value: 0, checked: true });
  });

  it('words every factor for what the score says', () => {
    expect(effort(null)).toBe('How easy it was for you');
    expect(effort(0)).toBe('Make it easier for you');
    expect(effort(7)).toBe('Make it easier for you');
    expect(effort(10)).toBe('We made it easy for you');
  });
});

it('surveyWording speaks English where it does not know the language', () => {
  expect(surveyWording('xx').language.englishName).toBe('English');
  expect(surveyWording('').language.code).toBe('en');
});

function effort(overall: number | null): string | undefined {
  return surveyQuestions(wording, { overall, factors: [] }).factors.find(({ key }) => key === 'Effort')?.hint.shown;
}
