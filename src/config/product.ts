import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version in package.json, which lies two levels above src/config and dist/config alike. */
export const productVersion: string = (
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as { version: string }
).version;
