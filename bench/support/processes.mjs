/** Processes that are measured, and what they cost: CPU time and memory as Linux counts them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TICKS_A_SECOND = 100;
const folder = join(import.meta.dirname, '..');

/** Starts a program of ours, waits for its first message, and answers it with what can be done with it. */
export async function start(script, { env = {}, args = [] } = {}) {
  const child = fork(join(folder, script), args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const first = await answerOf(child, script);
  return {
    ...first,
    child,
    pid: child.pid,
    ask: async (message) => {
      child.send(message);
      return answerOf(child, script);
    },
    stop: async () => {
      if (child.exitCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await Promise.race([gone, sleep(20_000).then(() => child.kill('SIGKILL'))]);
      }
    },
  };
}

/** The next message; an error when the process ends before it. */
async function answerOf(child, script) {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`${script} ended with ${code} before it answered.`);
      }),
    ]);
    return message;
  } finally {
    waiting.abort();
  }
}

/** Seconds of CPU that a process has used so far, all its threads together. */
export async function cpuSeconds(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Bytes of memory: what a process has now, and the most it ever had. */
export async function memory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
  return { rss: kib('VmRSS'), peak: kib('VmHWM') };
}

/** Asks until the answer is true; fails after ten minutes. */
export async function until(ask, everyMs = 20) {
  const giveUpAt = performance.now() + 600_000;
  while (!(await ask())) {
    if (performance.now() > giveUpAt) throw new Error(`Nothing came within ten minutes: ${ask}`);
    await sleep(everyMs);
  }
}
