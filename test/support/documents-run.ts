import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { root } from './documents.js';

export interface Finished {
  code: number | null;
  output: string;
}

/** Runs a program to its end, with `input` for it to read. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { input = '', env = {}, cwd = root }: { input?: string; env?: Record<string, string>; cwd?: string } = {},
): Promise<Finished> {
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined).end(input);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { code, output: stdout + stderr };
}

/** Runs a document's commands as a person would paste them, but stops at the first one that fails. */
export async function runShell(
  commands: string,
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Finished> {
  return runProgram('sh', ['-eu', '-c', commands], options);
}

/** Tests that need a program which is not on every machine; where it is missing, the run says so. */
export function testsWith(program: string, tests: () => void): void {
  if (spawnSync(program, ['--version']).error === undefined) {
    describe(`with ${program}`, tests);
    return;
  }
  process.stdout.write(`Not run, because ${program} is not installed: some examples of the documents.\n`);
  describe.skip(`with ${program}`, tests);
}
