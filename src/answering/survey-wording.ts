import { bandOf } from '../surveys/band.js';
import { type ExperienceFactor, experienceFactors } from '../surveys/factors.js';

/** What the survey page says, as data: one entry per language, chosen by `surveyWording`. */
export interface SurveyWording {
  language: { code: string; direction: 'ltr' | 'rtl'; englishName: string };
  ticket: string;
  replaces: string;
  optional: string;
  overall: { question: string; lowest: string; highest: string };
  factors: {
    question: Phrase;
    instruction: string;
    choices: Record<ExperienceFactor, { label: string; hint: Phrase }>;
  };
  comments: { question: Phrase };
  send: string;
  sendReplacing: string;
  sending: string;
  errors: {
    heading: string;
    titlePrefix: string;
    overallMissing: string;
    commentsTooLong: (length: string, maximum: string) => string;
    factorsUnknown: string;
    notSaved: string;
  };
  /** Where the survey itself cannot be looked up at the moment. */
  notReached: { title: string; message: string };
  thankYou: { title: string; text: string; replaced: string; change: string; close: string };
  unavailable: Record<'notFound' | 'expired' | 'badLink', { title: string; message: string; hint: string }>;
}

/** One wording per kind of score, and one that fits all of them, for a page on which no score is chosen. */
export interface Phrase {
  either: string;
  praise: string;
  improve: string;
}

/** The wording in a language, by its code with or without a region; English for a language we do not speak yet. */
export function surveyWording(languageCode: string): SurveyWording {
  const primary = languageCode.toLowerCase().split(/[-_]/)[0] ?? '';
  return wordings.get(primary) ?? english;
}

/**
 * The three questions as `views/answering/show.hbs` wants them, with what is chosen so far. A phrase comes with the
 * wording to show now; the others travel along for survey.js.
 */
export function surveyQuestions(
  wording: SurveyWording,
  chosen: { overall: number | null; factors: readonly string[] },
) {
  const { factors, comments } = wording;
  return {
    scores: Array.from({ length: 11 }, (_, value) => ({ value, checked: value === chosen.overall })),
    factorsQuestion: spoken(factors.question, chosen.overall),
    factors: experienceFactors.map((key) => ({
      key,
      checked: chosen.factors.includes(key),
      label: factors.choices[key].label,
      hint: spoken(factors.choices[key].hint, chosen.overall),
    })),
    commentsQuestion: spoken(comments.question, chosen.overall),
  };
}

function spoken(phrase: Phrase, score: number | null): Phrase & { shown: string } {
  if (score === null) return { ...phrase, shown: phrase.either };
  return { ...phrase, shown: bandOf(score) === 'promoter' ? phrase.praise : phrase.improve };
}

const english: SurveyWording = {
  language: { code: 'en', direction: 'ltr', englishName: 'English' },
  ticket: 'About your ticket',
  replaces: 'You have already answered about this ticket. Sending again replaces your earlier answer.',
  optional: 'optional',
  overall: {
    question: 'Overall, how satisfied are you with the support you received?',
    lowest: '0 = very dissatisfied',
    highest: '10 = very satisfied',
  },
  factors: {
    question: {
      either: 'What influenced your score?',
      praise: 'What did we do well?',
      improve: 'What should we have done better?',
    },
    instruction: 'Choose any that apply.',
    choices: {
      Responsiveness: {
        label: 'Responsiveness',
        hint: { either: 'How soon we responded', praise: 'We responded promptly', improve: 'Respond sooner' },
      },
      Interpersonal: {
        label: 'Interpersonal skills',
        hint: {
          either: 'How we treated you',
          praise: 'We were friendly and patient',
          improve: 'Listen and be patient',
        },
      },
      Knowledge: {
        label: 'Knowledge',
        hint: {
          either: 'How well we knew the subject',
          praise: 'We knew the subject',
          improve: 'Know the subject better',
        },
      },
      Communication: {
        label: 'Communication',
        hint: {
          either: 'How we kept you informed',
          praise: 'We kept you informed',
          improve: 'Keep you better informed',
        },
      },
      Speed: {
        label: 'Speed',
        hint: { either: 'How long it took to solve', praise: 'We solved it quickly', improve: 'Solve it sooner' },
      },
      Confirmation: {
        label: 'Confirmation',
        hint: {
          either: 'Whether we checked it was solved',
          praise: 'We checked it was solved',
          improve: 'Check that it is solved',
        },
      },
      Effort: {
        label: 'Effort',
        hint: {
          either: 'How easy it was for you',
          praise: 'We made it easy for you',
          improve: 'Make it easier for you',
        },
      },
      Other: {
        label: 'Something else',
        hint: { either: 'Tell us below', praise: 'Tell us below', improve: 'Tell us below' },
      },
    },
  },
  comments: {
    question: {
      either: 'Anything you would like to add?',
      praise: 'Anything you would like to add?',
      improve: 'What happened, and what would have helped?',
    },
  },
  send: 'Send my answer',
  sendReplacing: 'Send and replace my earlier answer',
  sending: 'Sending…',
  errors: {
    heading: 'Your answer has not been sent yet',
    titlePrefix: 'Error:',
    overallMissing: 'Choose a score from 0 to 10.',
    commentsTooLong: (length, maximum) =>
      `Your comment has ${length} characters; ${maximum} is the most we can keep. Please shorten it.`,
    factorsUnknown: 'Choose only from the listed points.',
    notSaved: 'We could not save your answer just now. Nothing you wrote is lost: please send it again.',
  },
  notReached: {
    title: 'Please send your answer again',
    message: 'We could not save your answer just now. What you wrote is still here: wait a minute and send it again.',
  },
  thankYou: {
    title: 'Thank you',
    text: 'Your answer has been saved and goes to the people who can act on it.',
    replaced: 'It replaces your earlier answer about this ticket.',
    change: 'Change my answer',
    close: 'You can close this page.',
  },
  unavailable: {
    notFound: {
      title: 'There is no survey here',
      message: 'The address does not lead to a survey.',
      hint: 'Links in e-mails are sometimes cut off. Open it again from the message you received, or copy it whole.',
    },
    expired: {
      title: 'This survey has closed',
      message: 'The time to answer has passed, so answers are no longer taken here.',
      hint: 'If something is still wrong, please contact your support team directly.',
    },
    badLink: {
      title: 'This link is incomplete',
      message: 'The link does not name a ticket and a team that can be used, so there is nothing to ask about.',
      hint: 'Open it again from the message you received, or tell your support team that their survey link is broken.',
    },
  },
};

const wordings = new Map([['en', english]]);
