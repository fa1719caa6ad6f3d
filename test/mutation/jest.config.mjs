import { join } from 'node:path';
import jestConfig from '../../jest.config.mjs';
import { rooms } from './rooms.mjs';

const { tests, testsLeftOut = [] } = rooms[process.env.MUTATION_ROOM];
const rootDir = join(import.meta.dirname, '../..');

/** Jest as usual, but on the PostgreSQL of test/mutation/run.mjs, and for one mutant only as far as it must. */
export default {
  ...jestConfig,
  rootDir,
  testMatch: tests.map((pattern) => `<rootDir>/${pattern}`),
  globalSetup: undefined,
  globalTeardown: undefined,
  runner: join(import.meta.dirname, 'covering-files-runner.mjs'),
  // A full path: Stryker puts its own environment around it, and resolves no <rootDir>.
  testEnvironment: join(import.meta.dirname, 'first-failure-environment.mjs'),
  testEnvironmentOptions: { testsLeftOut },
};
