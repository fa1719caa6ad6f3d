import { mutatedFiles, reportFolder } from './test/mutation/rooms.mjs';

/** One room at a time: `npm run mutation -- outbound` says which (docs/mutation-testing.md). */
const room = process.env.MUTATION_ROOM;
if (!room) {
  throw new Error('Run "npm run mutation", or for one room "npm run mutation -- outbound".');
}

export default {
  mutate: mutatedFiles(room),
  buildCommand: 'node test/mutation/compile.mjs',
  plugins: ['./test/mutation/replay-runner.mjs'],
  testRunner: 'replay',
  // What mutants leave behind in a process ends with it.
  maxTestRunnerReuse: 100,
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Survivors run every test that covers them; a busy machine takes its time for that.
  timeoutMS: 15_000,
  dryRunTimeoutMinutes: 30,
  incremental: true,
  incrementalFile: `${reportFolder(room)}/incremental.json`,
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, reportMutants: true, allowColor: false },
  htmlReporter: { fileName: `${reportFolder(room)}/index.html` },
  jsonReporter: { fileName: `${reportFolder(room)}/mutation.json` },
  thresholds: { high: 90, low: 75, break: 75 },
  ignorePatterns: ['/data', '/docs', '/coverage', '/reports'],
};
