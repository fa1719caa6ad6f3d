const englishNames = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

/** The English name of a BCP 47 language tag, as the payload carries it; the tag itself when nobody knows it. */
export function languageName(tag: string): string {
  try {
    return englishNames.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** Languages to choose from; any other tag can be typed. */
export const commonLanguages = [
  'ar',
  'da',
  'de',
  'en',
  'es',
  'fi',
  'fr',
  'he',
  'it',
  'ja',
  'ko',
  'nl',
  'pl',
  'pt-BR',
  'sv',
  'zh',
]
  .map((tag) => ({ tag, name: languageName(tag) }))
  .toSorted((one, other) => one.name.localeCompare(other.name, 'en'));

/** Whether it is a well-formed language tag that has an English name. */
export function isKnownLanguage(tag: string): boolean {
  return languageName(tag) !== tag;
}
