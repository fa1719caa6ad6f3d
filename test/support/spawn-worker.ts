import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { workerVariables, type TestDatabase } from './app.js';

export interface WorkerProcess {
  /** Ends it as a power cut would, and waits until it is gone; at any time, also when it is gone already. */
  kill(): Promise<void>;
  /** SIGTERM to let it end in order, SIGSTOP to suspend it, SIGCONT to let it go on. */
  signal(name: 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Resolves when it is gone. */
  readonly gone: Promise<unknown>;
}

/**
 * Starts a real process that delivers, and waits until it does.
 *
 * @param nodeOptions such as `--import`, for what is to happen before the product begins
 */
export async function startWorkerProcess(
  database: TestDatabase,
  nodeOptions: readonly string[] = [],
): Promise<WorkerProcess> {
  return whenReady(
    spawn(process.execPath, [...nodeOptions, join(import.meta.dirname, 'worker-process.mjs')], {
      env: variables(database),
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
}

/** In bytes, after everything that is not needed any more was collected. */
export interface Memory {
  rss: number;
  /** On the heap and in buffers. */
  kept: number;
  /** The most that the process ever had, garbage included. */
  peak: number;
}

export interface MeasuredWorkerProcess extends WorkerProcess {
  memory(): Promise<Memory>;
}

/**
 * Starts a real process that delivers and can be asked for its memory.
 *
 * @param authority whose certificates it takes (PEM), for every name, all of which lead to this machine
 */
export async function startMeasuredWorkerProcess(
  database: TestDatabase,
  authority: string,
): Promise<MeasuredWorkerProcess> {
  const child = fork(join(import.meta.dirname, 'measured-worker-process.mjs'), {
    env: { ...variables(database), TEST_AUTHORITY: authority },
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  return {
    ...(await whenReady(child)),
    memory: async () => {
      child.send('memory');
      const [memory] = await once(child, 'message');
      return memory as Memory;
    },
  };
}

function variables(database: TestDatabase): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, ...workerVariables(database), PROCESS: 'delivery' };
}

async function whenReady(child: ChildProcess): Promise<WorkerProcess> {
  const gone = once(child, 'exit');
  const ready = await Promise.race([once(child.stdout!, 'data'), gone.then(() => null)]);
  if (ready === null) {
    throw new Error(`The worker process ended with ${child.exitCode ?? child.signalCode} before it was ready.`);
  }
  return {
    gone,
    signal: (name) => {
      child.kill(name);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
