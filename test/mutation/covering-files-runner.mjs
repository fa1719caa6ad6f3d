import { readFileSync, writeFileSync } from 'node:fs';
import Runner from 'jest-runner';
import { activeMutant, takeCoverage } from './first-failure-environment.mjs';

/** Beside the code in Stryker's sandbox: the process that measures the coverage is not the only one to use it. */
const COVERAGE_FILE = 'coverage-by-file.json';

/**
 * Jest loads every test file to find the tests that Stryker asks for, and a journey's file costs seconds to
 * load. For one mutant this runs only the files that reach its code, the fastest first, and none after a failure.
 */
export default class CoveringFilesRunner extends Runner {
  async runTests(tests, watcher, options) {
    if (activeMutant() === undefined) {
      await this.#measure(tests, watcher, options);
    } else {
      await this.#runUntilFailure(coveringTests(tests), watcher, options);
    }
  }

  async #measure(tests, watcher, options) {
    const files = {};
    for (const test of tests) {
      const startedAt = performance.now();
      await super.runTests([test], watcher, options);
      files[test.path] = { ms: Math.round(performance.now() - startedAt), mutants: takeCoverage() };
    }
    writeFileSync(COVERAGE_FILE, JSON.stringify(files));
  }

  async #runUntilFailure(tests, watcher, options) {
    let failed = false;
    this.on('test-file-success', ([, result]) => {
      failed ||= result.numFailingTests > 0;
    });
    this.on('test-file-failure', () => {
      failed = true;
    });
    for (const test of tests) {
      await super.runTests([test], watcher, options);
      if (failed) {
        return;
      }
    }
  }
}

function coveringTests(tests) {
  const files = JSON.parse(readFileSync(COVERAGE_FILE, 'utf8'));
  return tests
    .filter(({ path }) => files[path].mutants.includes(activeMutant()))
    .toSorted((one, other) => files[one.path].ms - files[other.path].ms);
}
