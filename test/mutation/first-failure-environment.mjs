import { TestEnvironment } from 'jest-environment-node';

/** Where the instrumented code leaves what it counts, and what tells it which mutant to be. */
const STRYKER = '__stryker__';
const ACTIVE_MUTANT = '__STRYKER_ACTIVE_MUTANT__';

/** The mutant that the code under test is to be now; undefined while the coverage is measured. */
export function activeMutant() {
  return process.env[ACTIVE_MUTANT];
}

let coveredByLastFile = [];

/** The mutants whose code ran in the test file that ended last, inside its tests or outside of them. */
export function takeCoverage() {
  return coveredByLastFile;
}

/** One failed test kills a mutant: the tests after it are skipped. */
export default class FirstFailureEnvironment extends TestEnvironment {
  #failed = false;
  #countsBefore = new Map();
  #leftOut;

  constructor(config, context) {
    super(config, context);
    this.#leftOut = config.projectConfig.testEnvironmentOptions.testsLeftOut;
  }

  async setup() {
    await super.setup();
    this.#countsBefore = this.#counts();
  }

  async handleTestEvent({ name, test }) {
    if (name === 'test_done') {
      this.#failed ||= test.errors.length > 0;
    } else if (name === 'test_start' && (this.#leftOut.includes(test.name) || (this.#failed && activeMutant()))) {
      test.mode = 'skip';
    }
  }

  async teardown() {
    const after = this.#counts();
    coveredByLastFile = [...after.keys()].filter((id) => after.get(id) !== this.#countsBefore.get(id));
    await super.teardown();
  }

  /** How often each mutant's code ran since the first file: Stryker counts through all files. */
  #counts() {
    const coverage = this.global[STRYKER]?.mutantCoverage;
    const counts = new Map();
    for (const hits of coverage ? [coverage.static, ...Object.values(coverage.perTest)] : []) {
      for (const [id, count] of Object.entries(hits)) {
        counts.set(id, (counts.get(id) ?? 0) + count);
      }
    }
    return counts;
  }
}
