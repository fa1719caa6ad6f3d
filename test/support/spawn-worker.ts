import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { workerVariables, type TestDatabase } from './app.js';

export interface WorkerProcess {
  /** Ends it as a power cut would, and waits until it is gone; at any time, also when it is gone already. */
  kill(): Promise<void>;
}

/** Starts a real process that delivers, and waits until it does. */
export async function startWorkerProcess(database: TestDatabase): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker-process.mjs')], {
    env: { PATH: process.env.PATH, ...workerVariables(database), PROCESS: 'delivery' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const ready = await Promise.race([once(child.stdout, 'data'), gone.then(() => null)]);
  if (ready === null) {
    throw new Error(`The worker process ended with ${child.exitCode ?? child.signalCode} before it was ready.`);
  }
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
