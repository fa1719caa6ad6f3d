import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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

/** Commands that start something and do not end by themselves. */
export interface RunningShell {
  output(): string;
  /** Whether all that they started has ended. */
  hasEnded(): boolean;
  /** Ends all that they started, as Ctrl-C does, and waits for it. */
  stop(): Promise<void>;
}

/** Starts commands as a process group of their own. */
export function startShell(commands: string, env: Record<string, string>): RunningShell {
  const child = spawn('sh', ['-eu', '-c', commands], {
    cwd: root,
    detached: true,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  // Its pipes close when the last process that it started is gone.
  let hasEnded = false;
  const gone = once(child, 'close').then(() => (hasEnded = true));
  return {
    output: () => output,
    hasEnded: () => hasEnded,
    stop: async () => {
      endGroup(child.pid!, 'SIGTERM');
      const patience = setTimeout(() => endGroup(child.pid!, 'SIGKILL'), 20_000);
      await gone;
      clearTimeout(patience);
    },
  };
}

function endGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Everything in it has ended already.
  }
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
