import { writeFileSync } from 'node:fs';

/**
 * Closes a test run with one plain line that any tool can read: "N passed, N failed". Where
 * TEST_COUNTS_FILE names a file, the line goes there too.
 */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const line = `${results.numPassedTests} passed, ${failed} failed\n`;
    process.stdout.write(`\n${line}`);
    if (process.env.TEST_COUNTS_FILE) {
      writeFileSync(process.env.TEST_COUNTS_FILE, line);
    }
  }
}
