/** The time zone if PostgreSQL and JavaScript mean the same by its name; else UTC: a misspelt setting must not cost a page. */
export function knownZone(timeZone: string): string {
  try {
    // PostgreSQL reads an offset such as +05:30 the other way round.
    return /^[A-Za-z]/.test(timeZone) && new Intl.DateTimeFormat('en', { timeZone }) ? timeZone : 'UTC';
  } catch {
    return 'UTC';
  }
}
