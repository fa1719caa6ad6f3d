/**
 * The Chromium that npm ships, unpacked on first use, which takes some seconds: `global-setup.mjs` does it, because two
 * workers at the same moment would use a half of it.
 *
 * @returns {Promise<string | undefined>} its path; undefined where there is none for the machine's kind
 */
export async function shippedBrowser() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return undefined;
  }
  // Without this variable it leaves out the libraries that a bare system lacks.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x';
  const { default: shipped } = await import('@sparticuz/chromium');
  return shipped.executablePath();
}
