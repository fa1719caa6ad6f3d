const englishNames = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
const rightToLeft = new Set(['ar', 'dv', 'fa', 'he', 'ps', 'ur', 'yi']);

/** The English name of a BCP 47 language tag, as the payload carries it; the tag itself when nobody knows it. */
export function languageName(tag: string): string {
  try {
    return englishNames.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** Whether it is a well-formed language tag that has an English name. */
export function isKnownLanguage(tag: string): boolean {
  return languageName(tag) !== tag;
}

export function directionOf(tag: string): 'ltr' | 'rtl' {
  return rightToLeft.has(tag.split('-')[0]!.toLowerCase()) ? 'rtl' : 'ltr';
}
