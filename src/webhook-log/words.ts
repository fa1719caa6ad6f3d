/** The listening posts as people read them. */
export const listeningPostNames: Readonly<Record<string, string>> = {
  transactional: 'Transactional',
  relationship: 'Relationship',
};

/** Each status in words, and the mark it is drawn with. */
export const statuses = {
  in_progress: { status: 'In Progress', statusKind: 'progress' },
  succeeded: { status: 'Succeeded', statusKind: 'ok' },
  failed: { status: 'Failed', statusKind: 'bad' },
  cancelled: { status: 'Cancelled', statusKind: 'ended' },
} as const;

/** `One`, `Two`, … as a sentence begins with it. */
export function numberInWords(count: number): string {
  return ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six'][count] ?? String(count);
}

/** A pause reason after what it holds up: `Waits because the webhook is switched off. …` */
export function waitsBecause(reason: string | null): string | null {
  return reason === null ? null : `Waits because ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
}

/** The same where there is little room: the first sentence. */
export function waitsBriefly(reason: string | null): string | null {
  return waitsBecause(reason === null ? null : reason.replace(/(?<=[.:]) .*/s, '').replace(/:$/, '.'));
}

/** `340 ms`, `1.2 s`, `15 s`, `4 min 12 s`, `3 h 5 min`, `2 d 4 h`. */
export function durationInWords(milliseconds: number): string {
  if (milliseconds < 1000) {
    return `${Math.round(milliseconds)} ms`;
  }
  return milliseconds < 9950 ? `${Number((milliseconds / 1000).toFixed(1))} s` : inTwoUnits(milliseconds / 1000);
}

/** `in 4 min 12 s`, and `now` for what is due already. */
export function waitInWords(seconds: number): string {
  return seconds < 0.5 ? 'now' : `in ${inTwoUnits(seconds)}`;
}

function inTwoUnits(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(Math.max(first, 0), first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}
