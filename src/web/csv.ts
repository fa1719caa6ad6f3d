/** Text that somebody typed, or a number that we made. */
export type CsvCell = string | number;

/** Without it, Excel takes a file for one in the old character set of its machine. */
export const BYTE_ORDER_MARK = '\uFEFF';

/** One record as RFC 4180 writes it, its line end included. */
export function csvRecord(cells: readonly CsvCell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: CsvCell): string {
  return typeof cell === 'number' ? String(cell) : quoted(harmless(cell));
}

/** Only what needs quotes has them; line breaks stay as they are within. A tab or semicolon may mislead a reader that guesses. */
function quoted(text: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A spreadsheet runs a cell that begins with = + - or @ as a formula, also behind blanks or as a full-width letter, and
 * a customer may type one that fetches an address or calls a program. So such a text gets an apostrophe in front, as
 * OWASP advises ("CSV Injection"); so does one that begins with a tab, a line break or U+0000, which some programs drop
 * before they look. The apostrophes that a customer typed there get one more: whoever takes one away has the very text.
 *
 * Numbers need none: we made them, and -1 must stay a number.
 */
function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

// oxlint-disable-next-line no-control-regex -- control characters are among what this looks for
const FORMULA = /^'*(?:[\t\r\n\0]|[\s\0]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/;
