/** What failures are counted by; sign-in-throttle.ts says what for. */
export type Bucket = 'pair' | 'account' | 'address';

interface Limit {
  /** Failures that cost no wait. */
  free: number;
  /** Seconds after the first failure beyond them; each further one doubles it. */
  firstWait: number;
  longestWait: number;
  /** Seconds until one failure is forgotten. */
  leak: number;
  /** Counted no further, so that everything is forgotten within two days. */
  highest: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

export const limits: Readonly<Record<Bucket, Limit>> = {
  pair: { free: 5, firstWait: 30, longestWait: 15 * MINUTE, leak: HOUR, highest: 15 },
  account: { free: 50, firstWait: 5, longestWait: MINUTE, leak: 10 * MINUTE, highest: 60 },
  address: { free: 50, firstWait: 30, longestWait: 15 * MINUTE, leak: 2 * MINUTE, highest: 60 },
};

/** How full a bucket is now, and the seconds since its last failure. */
export interface Level {
  level: number;
  age: number;
}

export function levelNow(bucket: Bucket, level: number, age: number): Level {
  return { level: Math.max(0, level - Math.max(0, age) / limits[bucket].leak), age: Math.max(0, age) };
}

/** @param known the account was signed in to from this address before */
export function waitSeconds({ pair, account, address }: Record<Bucket, Level>, known: boolean): number {
  const waits = [waitOf('pair', pair)];
  if (!known) {
    waits.push(waitOf('address', address));
    if (pair.level > 0) {
      waits.push(waitOf('account', account));
    }
  }
  return Math.max(...waits);
}

function waitOf(bucket: Bucket, { level, age }: Level): number {
  const { free, firstWait, longestWait } = limits[bucket];
  // Rounded up: what has leaked since the last failure must not make its wait shorter while it lasts.
  const beyond = Math.ceil(level) - free;
  const wait = beyond < 0 ? 0 : Math.min(longestWait, firstWait * 2 ** beyond);
  return Math.max(0, Math.ceil(wait - age));
}

/** `30 seconds`, `2 minutes`: rounded up, so that whoever waits that long does not wait in vain. */
export function waitWords(seconds: number): string {
  return seconds <= 90 ? counted(seconds, 'second') : counted(Math.ceil(seconds / MINUTE), 'minute');
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
