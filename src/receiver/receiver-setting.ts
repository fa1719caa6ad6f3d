import { z } from 'zod';

/** How long a call that is never answered may hang, at most: a socket must not be held for good. */
export const HANG_LIMIT_S = 60;

export const receiverAnswers = ['ok', 'error', 'code', 'hang', 'reset', 'slow'] as const;
export type ReceiverAnswer = (typeof receiverAnswers)[number];

/** How an organisation's receiver answers its next call. */
export interface ReceiverSetting {
  answer: ReceiverAnswer;
  /** Of the answer "code": 200–599. */
  code: number;
  /** Of the answer "slow": 1–60. */
  seconds: number;
}

export const DEFAULT_SETTING: ReceiverSetting = { answer: 'ok', code: 404, seconds: 5 };

/** The form of the controls; a field that the chosen answer does not need may be left empty. */
export const settingSchema = z.object({
  answer: z.enum(receiverAnswers, { error: 'Choose what the receiver answers.' }),
  code: numberBetween(200, 599, DEFAULT_SETTING.code, 'A code is a whole number from 200 to 599.'),
  seconds: numberBetween(1, 60, DEFAULT_SETTING.seconds, 'The wait is a whole number of seconds from 1 to 60.'),
});

function numberBetween(lowest: number, highest: number, fallback: number, error: string) {
  return z
    .string({ error })
    .trim()
    .regex(/^\d{0,3}$/, { error })
    .transform((text) => (text === '' ? fallback : Number(text)))
    .refine((number) => number >= lowest && number <= highest, { error })
    .default(fallback);
}

/** What a call got, in the past tense; kept with the call. */
export function answeredWords({ answer, code, seconds }: ReceiverSetting): string {
  return {
    ok: 'Answered 200.',
    error: 'Answered 500.',
    code: `Answered ${code}.`,
    hang: `Not answered: the connection hung for up to ${HANG_LIMIT_S} s.`,
    reset: 'Not answered: the connection was reset.',
    slow: `Answered 200 after ${seconds} s.`,
  }[answer];
}

/** What the next call will get. */
export function nextAnswerWords({ answer, code, seconds }: ReceiverSetting): string {
  return {
    ok: 'will be answered with 200.',
    error: 'will be answered with 500.',
    code: `will be answered with ${code}.`,
    hang: `will not be answered: the connection hangs until the caller gives up, or for ${HANG_LIMIT_S} s.`,
    reset: 'will not be answered: the connection is reset.',
    slow: `will be answered with 200, after ${seconds} s.`,
  }[answer];
}
