/** Compiles the mutated code and its tests in Stryker's sandbox, as Jest would: each file beside its TypeScript. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { transformSync } from '@swc/core';
import jestConfig from '../../jest.config.mjs';

const [[, swcOptions]] = Object.values(jestConfig.transform);

for (const filename of globSync('{src,test}/**/*.ts')) {
  const { code } = transformSync(readFileSync(filename, 'utf8'), { ...swcOptions, filename, swcrc: false });
  writeFileSync(filename.replace(/\.ts$/, '.js'), code);
}
