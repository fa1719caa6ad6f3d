/** In this order: Edge and Opera also call themselves Chrome, and everybody Safari. */
const browsers: readonly [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/\b(?:OPR|Opera)\/(\d+)/, 'Opera'],
  [/\bSamsungBrowser\/(\d+)/, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:(?:Headless)?Chrome|CriOS|Chromium)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)\S* (?:Mobile\/\S+ )?Safari\//, 'Safari'],
];

const systems: readonly [RegExp, string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

/** What a User-Agent header says, for people to recognise their own: `Firefox 145 on Windows`. */
export function browserWords(userAgent: string | undefined): string {
  const given = userAgent ?? '';
  const known = browsers
    .map(([pattern, name]) => ({ name, version: pattern.exec(given)?.[1] }))
    .find(({ version }) => version !== undefined);
  const browser = known ? `${known.name} ${known.version}` : (/^[\w.-]{1,40}/.exec(given)?.[0] ?? 'Unknown browser');
  const system = systems.find(([pattern]) => pattern.test(given))?.[1];
  return system ? `${browser} on ${system}` : browser;
}
