/** What test files import as `@jest/globals`, which Jest itself has only inside of its own runs. */
import { ModuleMocker } from 'jest-mock';

export { expect } from 'expect';
export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from 'jest-circus';

const mocker = new ModuleMocker(globalThis);

export const jest = {
  fn: (implementation) => mocker.fn(implementation),
  spyOn: (object, name) => mocker.spyOn(object, name),
  restoreAllMocks: () => mocker.restoreAllMocks(),
  // How long a test may take is decided in replay-runner.mjs.
  setTimeout: () => undefined,
};
