import { failureSentences, type FailureReason } from '../outbound/failure.js';
import type { CallOutcome } from '../outbound/guarded-client.js';
import type { DeliveryPolicy } from '../webhooks/webhook-definition.js';

/** What came of an attempt, as the log and the API name it. */
export type AttemptOutcome =
  'succeeded' | 'rejected' | 'interrupted' | 'rendering_failed' | 'authorization_failed' | FailureReason;

/** Every outcome in words, for the documentation of the API. */
export const outcomeSentences: Readonly<Record<AttemptOutcome, string>> = {
  succeeded: 'The receiver answered with a code that counts as success.',
  rejected: 'The receiver answered with another code.',
  interrupted: 'The process that made the call ended before it could record what came of it. It may have arrived.',
  rendering_failed: 'The request could not be rendered, so nothing was sent.',
  authorization_failed: 'The credentials could not be used, so nothing was sent.',
  ...failureSentences,
};

export interface Verdict {
  succeeded: boolean;
  outcome: AttemptOutcome;
  message: string;
  responseCode: number | null;
}

/** Decides by the status line alone, under the webhook's rule, what a call came to. */
export function judge(call: CallOutcome, rule: DeliveryPolicy['success']): Verdict {
  if (call.kind === 'failure') {
    return { succeeded: false, outcome: call.reason, message: call.message, responseCode: null };
  }
  const { status } = call;
  const succeeded = rule === 'exactly_200' ? status === 200 : status >= 200 && status <= 299;
  return {
    succeeded,
    outcome: succeeded ? 'succeeded' : 'rejected',
    message: succeeded ? 'The receiver accepted it.' : rejection(status, rule),
    responseCode: status,
  };
}

function rejection(status: number, rule: DeliveryPolicy['success']): string {
  const wanted =
    rule === 'exactly_200' ? 'Only 200 counts as success.' : 'Only codes from 200 to 299 count as success.';
  return `The receiver answered ${status}. ${hints[status] ?? wanted}`;
}

/** What usually stands behind an answer, for the person who has to do something about it. */
const hints: Readonly<Record<number, string>> = {
  301: 'It has moved, and redirects are not followed: enter the new URL.',
  302: 'Redirects are not followed: enter the URL that it leads to.',
  307: 'Redirects are not followed: enter the URL that it leads to.',
  308: 'It has moved, and redirects are not followed: enter the new URL.',
  400: 'It did not understand the payload.',
  401: 'The username or password may be wrong or may have changed.',
  403: 'The credentials are known but not allowed to do this.',
  404: 'The URL may be wrong or may have changed.',
  405: 'The URL does not take POST.',
  410: 'It says that this URL is gone for good.',
  413: 'The payload is too large for it.',
  429: 'It asks to be called less often.',
  502: 'A gateway in front of it did not reach it.',
  503: 'It is not available at the moment.',
  504: 'A gateway in front of it waited in vain.',
};
