import { readFileSync } from 'node:fs';
import { configurationDocument } from './configuration-doc.js';
import { describeEnvironment, readEnvironment } from './environment.js';
import { environmentSchema, wordsFor } from './environment-schema.js';

const names = Object.keys(environmentSchema.shape);

describe('docs/configuration.md', () => {
  it('is what the schema says: run `npm run build && npm run docs` when this fails', () => {
    const written = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    expect(written).toBe(configurationDocument());
  });

  it.each(names)('describes %s, its default and an example', (name) => {
    const { causes, wants, example } = wordsFor(name);
    expect([causes, wants, example].every((words) => words.length > 0)).toBe(true);
    expect(configurationDocument()).toContain(`\n## ${name}\n\n${causes}\n\n- Default: `);
    expect(configurationDocument()).not.toContain('undefined');
  });

  it.each(names)('gives an example of %s that is accepted', (name) => {
    const { example } = wordsFor(name);
    // A keyring file is read, and this one is on no machine that runs the tests.
    if (name === 'ENCRYPTION_KEYS') return;
    const keys = `k1:${Buffer.alloc(32).toString('base64')}`;
    expect(() => readEnvironment({ ENCRYPTION_KEYS: keys, [name]: example })).not.toThrow();
  });

  it('and the log of the start name the same variables', () => {
    expect(Object.keys(describeEnvironment(readEnvironment({})))).toEqual(names);
  });
});
