import { readFileSync, writeFileSync } from 'node:fs';
import { PluginKind, declareClassPlugin } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  TestStatus,
  determineHitLimitReached,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { prepareTests, runTestFile } from './test-file.mjs';
import { testFiles } from './rooms.mjs';

/** Beside the code in Stryker's sandbox: the process that measures is not the only one that runs mutants. */
const TIMES_FILE = 'times-by-file.json';

/**
 * A mutant that lives through the fastest of the files that reach it is taken to survive: it costs the most time.
 * Which files reach one that runs while they are loaded, nobody knows: it has to live through all.
 */
const MOST_FILES = Number(process.env.MUTATION_MOST_FILES ?? 6);

/** For what nobody has measured yet; Jest is as patient. */
const LONGEST_MS = 30_000;
/** For a mutant, a test may take so much longer than the longest of its file took without one. */
const PATIENCE_MS = 4_000;

/** What the instrumented code and its test runner share: which mutant to be, and which test is running. */
const shared = (globalThis['__stryker__'] ??= {});

/**
 * Runs Jest's test files in one process, again and again: the application is loaded once, and only the test
 * files are evaluated anew. Under Jest, loading the application for each of them is most of what a mutant costs.
 * For one mutant, only the tests that reach it are run, the fastest files first, and none after a failure.
 */
class ReplayRunner {
  #files = testFiles(process.env.MUTATION_ROOM);

  init() {
    prepareTests((running) => {
      shared.currentTestId = running;
    });
  }

  /** For a mutant whose code runs while files are loaded, Stryker starts a new process. */
  capabilities() {
    return { reloadEnvironment: false };
  }

  async dryRun() {
    const tests = [];
    const times = {};
    for (const file of this.#files) {
      const startedAt = performance.now();
      const results = await runTestFile(file, { names: null, stopAtFailure: false, patienceMs: LONGEST_MS });
      const longest = Math.max(...results.map(({ durationMs }) => durationMs));
      times[file] = { whole: Math.round(performance.now() - startedAt), longest };
      shareCoverageOfHooks(file, results);
      tests.push(...results.map((result) => strykerResult(file, result)));
    }
    writeFileSync(TIMES_FILE, JSON.stringify(times));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: shared.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    Object.assign(shared, { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit ? 0 : undefined });
    try {
      const tests = await this.#runUntilFailure(testFilter);
      const limit = determineHitLimitReached(shared.hitCount, hitLimit);
      return toMutantRunResult(limit ?? { status: DryRunStatus.Complete, tests }, false);
    } catch (error) {
      // A file did not even load.
      return toMutantRunResult({ status: DryRunStatus.Error, errorMessage: String(error) });
    } finally {
      Object.assign(shared, { activeMutant: undefined, hitLimit: undefined, hitCount: undefined });
    }
  }

  async #runUntilFailure(testFilter) {
    const times = JSON.parse(readFileSync(TIMES_FILE, 'utf8'));
    const reaching = this.#files
      .map((file) => ({ file, names: testFilter ? namesIn(file, testFilter) : null }))
      .filter(({ names }) => names?.length !== 0)
      .toSorted((one, other) => times[one.file].whole - times[other.file].whole);
    const tests = [];
    for (const { file, names } of reaching.slice(0, testFilter ? MOST_FILES : reaching.length)) {
      const patienceMs = PATIENCE_MS + 2 * times[file].longest;
      const results = await runTestFile(file, { names, stopAtFailure: true, patienceMs });
      tests.push(...results.map((result) => strykerResult(file, result)));
      if (tests.some(({ status }) => status === TestStatus.Failed)) {
        break;
      }
    }
    return tests;
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'replay', ReplayRunner)];

/** Stryker knows tests by one text: the file and the name in it. */
function idOf(file, name) {
  return `${file}: ${name}`;
}

function namesIn(file, ids) {
  const start = idOf(file, '');
  return ids.filter((id) => id.startsWith(start)).map((id) => id.slice(start.length));
}

function strykerResult(file, { name, status, failureMessage, durationMs }) {
  return {
    id: idOf(file, name),
    name: idOf(file, name),
    fileName: file,
    timeSpentMs: durationMs,
    status: { passed: TestStatus.Success, failed: TestStatus.Failed, skipped: TestStatus.Skipped }[status],
    failureMessage,
  };
}

/** What hooks ran, and what ran by itself between two tests, belongs to every test of its file. */
function shareCoverageOfHooks(file, results) {
  const { perTest = {} } = shared.mutantCoverage ?? {};
  const outside = Object.entries(perTest[file] ?? {});
  delete perTest[file];
  for (const { name } of results) {
    const own = (perTest[idOf(file, name)] = { ...perTest[name] });
    for (const [mutant, count] of outside) {
      own[mutant] = (own[mutant] ?? 0) + count;
    }
    delete perTest[name];
  }
}
