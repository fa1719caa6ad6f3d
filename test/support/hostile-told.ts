/** The deadline of webhooks whose calls end by it. */
export const DEADLINE_SECONDS = 3;

/** The deadline of webhooks whose calls end by themselves: long, so that a slow machine does not end them first. */
const UNREACHED_SECONDS = 15;

/** What a support person should read of one call. */
export interface Told {
  readonly outcome: string;
  readonly words: string | RegExp;
  /** None where the receiver never got as far as a status line. */
  readonly reply?: ToldReply;
}

export interface ToldReply {
  readonly status: number;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** As it came; by default none. */
  readonly body?: string | Buffer | RegExp;
  readonly isTruncated?: boolean;
  /** How it broke off. */
  readonly error?: string | RegExp;
}

/** A reply with 200, whatever became of it afterwards. */
export function accepted(reply: Partial<ToldReply> = {}): Told {
  return { outcome: 'succeeded', words: 'The receiver accepted it.', reply: { status: 200, ...reply } };
}

export function rejected(status: number, why: string, reply: Partial<ToldReply> = {}): Told {
  return { outcome: 'rejected', words: `The receiver answered ${status}. ${why}`, reply: { status, ...reply } };
}

/** No reply. */
export function failed(outcome: string, words: string | RegExp): Told {
  return { outcome, words };
}

export function deadlineSecondsOf({ words, reply }: Told): number {
  return /within/.test(`${words} ${reply?.error ?? ''}`) ? DEADLINE_SECONDS : UNREACHED_SECONDS;
}
