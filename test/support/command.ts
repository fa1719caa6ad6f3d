import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { OpenApiDocument } from '../../src/api-description/openapi.js';
import { ApiContract } from './api-contract.js';
import { eventually } from './eventually.js';
import { quickFolder } from './quick-folder.mjs';

export const API_KEY = 'test-api-key-of-the-real-command-0123456789';

/** The product as a person starts it. */
export interface RunningCommand {
  process: ChildProcess;
  url: string;
  /** All that it printed so far. */
  output(): string;
  /** Resolves with the exit code, or null when a signal ended it. */
  ended: Promise<number | null>;
}

export interface CommandOptions {
  dataDir: string;
  port: number;
  /** `npm start`, or node alone. Default: node. */
  through?: 'npm' | 'node';
  variables?: Record<string, string>;
  /** What node runs. Default: the product. */
  script?: string;
}

/** Starts the real command and waits until it listens. It gets a process group of its own. */
export async function startCommand(options: CommandOptions): Promise<RunningCommand> {
  const running = spawnCommand(options);
  await eventually(
    () => running.output().includes('Answerback listens on') || running.process.exitCode !== null,
    60_000,
  );
  if (running.process.exitCode !== null) {
    throw new Error(`The command ended at its start:\n${running.output()}`);
  }
  return running;
}

/** Starts the real command without waiting for anything. */
export function spawnCommand({
  dataDir,
  port,
  through = 'node',
  variables = {},
  script = 'dist/main.js',
}: CommandOptions): RunningCommand {
  const command = through === 'npm' ? 'npm' : process.execPath;
  const args = through === 'npm' ? ['start'] : [script];
  const child = spawn(command, args, {
    detached: true,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      DATA_DIR: dataDir,
      API_KEY,
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  child.once('exit', () => started.delete(child));
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  return {
    process: child,
    url: `http://localhost:${port}`,
    output: () => output,
    ended: once(child, 'exit').then(([code]) => code as number | null),
  };
}

const started = new Set<ChildProcess>();

/** Kills what a failed test left running: call it in afterEach. */
export function killStarted(): void {
  for (const child of started) {
    process.kill(-child.pid!, 'SIGKILL');
  }
}

/** A data folder that another user may enter, as PostgreSQL is one when the tests run as root. */
export async function newDataDir(): Promise<string> {
  const folder = await mkdtemp(join(await quickFolder(), 'answerback-command-'));
  await chmod(folder, 0o755);
  return folder;
}

/** Ends whatever still runs on the folder, and removes it. */
export async function removeDataDir(dataDir: string): Promise<void> {
  const pid = await postmasterPid(dataDir);
  if (pid !== null && (await isRunning(pid))) {
    process.kill(pid, 'SIGQUIT');
    await eventually(async () => !(await isRunning(pid)));
  }
  await rm(dataDir, { recursive: true, force: true });
}

/** The process of the embedded PostgreSQL, null when it left no trace. */
export async function postmasterPid(dataDir: string): Promise<number | null> {
  try {
    const lines = await readFile(join(dataDir, 'postgresql', 'postmaster.pid'), 'utf8');
    return Number(lines.split('\n')[0]);
  } catch {
    return null;
  }
}

/** Whether a process lives; a zombie that nobody reaped does not. */
export async function isRunning(pid: number): Promise<boolean> {
  if (!isAlive(pid)) {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/^\d+ \(.*\) Z/.test(stat);
}

/** From below the ports that a system deals out by itself, to servers and to calls: nobody draws it before it is used. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (isFree) {
      server.close();
      await once(server, 'close');
      return port;
    }
  }
}

/** Calls the JSON API with the first API key. @throws when the answer is no success, or not as the API describes it. */
export async function callApi<T>(running: RunningCommand, path: string, init: RequestInit = {}): Promise<T> {
  const url = new URL(`/api/v1/${path}`, running.url);
  const response = await fetch(url, {
    ...init,
    headers: { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'application/json', ...init.headers },
  });
  const { status, headers } = response;
  const body = await response.text();
  const answer = { method: init.method ?? 'GET', path: url.pathname, status, body };
  const mismatches = (await contractOf(running)).mismatches({
    ...answer,
    header: (name) => headers.get(name) ?? undefined,
  });
  if (!response.ok || mismatches.length > 0) {
    throw new Error([`${status} ${body}`, ...mismatches].join('\n'));
  }
  return JSON.parse(body) as T;
}

async function contractOf(running: RunningCommand): Promise<ApiContract> {
  const contract = contracts.get(running) ?? new ApiContract(await documentOf(running));
  contracts.set(running, contract);
  return contract;
}

const contracts = new WeakMap<RunningCommand, ApiContract>();

async function documentOf({ url }: RunningCommand): Promise<OpenApiDocument> {
  return (await (await fetch(`${url}/api/openapi.json`)).json()) as OpenApiDocument;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
