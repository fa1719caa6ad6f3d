import { knownZone } from './time-zone.js';

/** A moment as a page shows it: exact for machines, in words of a time zone for people. */
export interface MomentView {
  iso: string;
  text: string;
}

/** `22 Nov 2026, 15:31 GMT+13`; null stays null. An unknown time zone counts as UTC. */
export function momentIn(timeZone: string, moment: Date): MomentView;
export function momentIn(timeZone: string, moment: Date | null | undefined): MomentView | null;
export function momentIn(timeZone: string, moment: Date | null | undefined): MomentView | null {
  return moment ? { iso: moment.toISOString(), text: formatFor(timeZone).format(moment) } : null;
}

/** The day (`2026-11-22`) that the clocks of a time zone show. */
export function dayIn(timeZone: string, moment: Date): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: knownZone(timeZone) }).format(moment);
}

/** The last moment of a day (`2026-11-22`) where the clocks show this time zone. */
export function endOfDayIn(timeZone: string, day: string): Date {
  const wanted = Date.parse(`${day}T23:59:59Z`);
  // Twice, because the first guess may lie on the other side of a change of the clocks.
  const guess = wanted - offsetAt(timeZone, wanted);
  return new Date(wanted - offsetAt(timeZone, guess));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const format = formats.get(timeZone) ?? newFormat(timeZone);
  formats.set(timeZone, format);
  return format;
}

function newFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone: knownZone(timeZone),
  });
}

/** Milliseconds that a zone's clocks are ahead of UTC at a moment. */
function offsetAt(timeZone: string, moment: number): number {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: knownZone(timeZone),
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return Date.parse(`${parts.format(moment).replace(' ', 'T')}Z`) - Math.floor(moment / 1000) * 1000;
}
