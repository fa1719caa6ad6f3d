/**
 * The named helpers every template may use. Each returns text or data, never markup, so that Handlebars escapes whatever
 * comes out of them.
 */
export const viewHelpers = { eq, utc, plural, thousands, visible, errorsOn };

export function eq(left: unknown, right: unknown): boolean {
  return left === right;
}

/**
 * A moment in GMT as `2026-11-22 02:31:05`; the page adds the word GMT. Takes a Date, an ISO string, or text that already
 * has this form; nothing gives nothing, and a string that is no moment is shown as it came.
 */
export function utc(moment: Date | string | null | undefined): string {
  if (!moment) return '';
  if (typeof moment === 'string' && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(moment)) return moment;
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return String(moment);
  return date.toISOString().slice(0, 19).replace('T', ' ');
}

/** `{{plural 1 'call' 'calls'}}` gives `1 call`. */
export function plural(count: number, one: string, many: string): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}

export function thousands(count: number): string {
  return count.toLocaleString('en');
}

/**
 * Control characters as their pictures (U+0000 as ␀), because an HTML parser drops some and browsers draw the others as
 * nothing. Tab, line feed and carriage return stay.
 */
export function visible(text: string | null | undefined): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  return (text ?? '').replace(/[\0-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, (control) =>
    control === '\u007f' ? '␡' : String.fromCharCode(0x2400 + control.charCodeAt(0)),
  );
}

/** The errors of one field of a form. */
export function errorsOn<E extends { field: string }>(errors: E[] | undefined, field: string): E[] {
  return (errors ?? []).filter((error) => error.field === field);
}
