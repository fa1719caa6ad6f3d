import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { expect } from 'expect';
import * as circus from 'jest-circus';
import { testsLeftOut } from './rooms.mjs';

/** What test files, and the code under test, get in place of a package. */
const stands = { '@jest/globals': 'jest-globals.mjs' };

let current = { file: '', stopAtFailure: false, failed: false };
let runs = 0;

/**
 * Makes this process one that can run test files.
 * @param onRunning told what runs: a test by its name or, outside of tests, the file
 */
export function prepareTests(onRunning) {
  process.env.NODE_ENV = 'test';
  const { describe, it, test, beforeAll, beforeEach, afterAll, afterEach } = circus;
  Object.assign(globalThis, { describe, it, test, beforeAll, beforeEach, afterAll, afterEach, expect });
  circus.addEventHandler(({ name, test: running }) => {
    if (name === 'test_start' && isLeftOut(running)) {
      running.mode = 'skip';
    } else if (name === 'run_start') {
      onRunning(current.file);
    } else if (name === 'test_started') {
      onRunning(nameOf(running));
    } else if (name === 'test_done') {
      current.failed ||= running.errors.length > 0;
      onRunning(current.file);
    } else if (name === 'run_finish') {
      onRunning(undefined);
    }
  });
  registerHooks({ resolve: standIn });
  // What a mutant leaves running must not end the process that tests the next one.
  process.on('uncaughtException', () => undefined);
  process.on('unhandledRejection', () => undefined);
}

/**
 * Runs a test file, or the tests in it that have these names.
 * @param patienceMs a test or a hook that takes longer has failed
 * @throws when it does not load
 */
export async function runTestFile(file, { names, stopAtFailure, patienceMs }) {
  current = { file, stopAtFailure, failed: false };
  runs += 1;
  circus.resetState();
  circus.getState().testTimeout = patienceMs;
  // Beside the TypeScript lies what it was compiled to; the query makes it a new module.
  await import(`${resolve(file.replace(/\.ts$/, '.js'))}?run=${runs}`);
  circus.getState().testNamePattern = names && new RegExp(`^(?:${names.map(RegExp.escape).join('|')})$`);
  const { testResults } = await circus.run();
  return testResults.map(plainResult);
}

function isLeftOut(test) {
  return testsLeftOut.includes(test.name) || (current.failed && current.stopAtFailure);
}

function standIn(specifier, context, next) {
  const stand = context.parentURL?.startsWith(new URL('.', import.meta.url).href) ? undefined : stands[specifier];
  return next(stand ? new URL(stand, import.meta.url).href : specifier, context);
}

function plainResult({ testPath, status, errors, duration }) {
  const outcome = errors.length > 0 ? 'failed' : 'passed';
  return {
    name: testPath.slice(1).join(' '),
    status: status === 'done' ? outcome : 'skipped',
    failureMessage: errors.join('\n'),
    durationMs: duration ?? 0,
  };
}

function nameOf(test) {
  const own = [];
  for (let part = test; part.parent; part = part.parent) {
    own.unshift(part.name);
  }
  return own.join(' ');
}
