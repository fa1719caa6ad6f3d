import { bodyText, NOT_UTF8 } from '../web/body-text.js';
import { momentIn } from '../web/moment.js';
import type { ReceivedCallRow } from './keep-call.sql.js';
import { nextAnswerWords, receiverAnswers, type ReceiverSetting } from './receiver-setting.js';

/** What views/receiver/index.hbs shows of the calls. */
export function callsView(rows: readonly ReceivedCallRow[], timeZone: string) {
  return { empty: rows.length === 0, calls: rows.map((row) => callView(row, timeZone)) };
}

/** The controls, as they stand or as they were sent. */
export function controlsView(setting: ReceiverSetting, typed: TypedSetting = setting) {
  return {
    nextAnswer: nextAnswerWords(setting),
    answers: receiverAnswers.map((value) => ({
      value,
      ...answerLabels[value],
      checked: value === typed.answer,
    })),
    code: typed.code,
    seconds: typed.seconds,
  };
}

/** As the form sent it: anything. */
export type TypedSetting = { readonly [Field in keyof ReceiverSetting]?: unknown };

const answerLabels = {
  ok: { label: '200', hint: 'The call succeeded.' },
  error: { label: '500', hint: 'The receiver is broken.' },
  code: { label: 'Another code', hint: 'Any from 200 to 599, below.' },
  hang: { label: 'Hang', hint: 'Never answers: a timeout.' },
  reset: { label: 'Reset', hint: 'Cuts the connection.' },
  slow: { label: 'Slow', hint: '200 after the seconds below.' },
} as const;

function callView(row: ReceivedCallRow, timeZone: string) {
  const { text, isUtf8 } = bodyText(row.body, row.body_truncated);
  return {
    id: row.id,
    receivedAt: momentIn(timeZone, row.received_at),
    answered: row.answered,
    method: row.method,
    path: row.path,
    headers: row.headers.map(([name, value]) => ({ name, value })),
    body: text,
    notes: [...(isUtf8 ? [] : [NOT_UTF8]), ...(row.body_truncated ? ['Cut at 64 KiB: the rest was not kept.'] : [])],
  };
}
