import { writeFileSync } from 'node:fs';
import { configurationDocument } from './configuration-doc.js';

// From dist/config as from src/config, docs/ is two folders up. A test names another file.
writeFileSync(process.argv[2] ?? new URL('../../docs/configuration.md', import.meta.url), configurationDocument());
