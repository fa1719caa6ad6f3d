import { join } from 'node:path';

/** The project's folder: src/database and dist/database both lie two levels below it. */
export const projectRoot = join(import.meta.dirname, '..', '..');
