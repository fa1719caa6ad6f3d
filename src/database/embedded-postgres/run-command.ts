import { spawn } from 'node:child_process';

export interface Finished {
  ok: boolean;
  /** What it wrote, or why it could not be started. */
  output: string;
}

export interface RunOptions {
  /** Whom to run as; ourselves without it. */
  user?: { uid: number; gid: number } | undefined;
  /** In a session of its own, so that Ctrl-C in the terminal does not reach it. */
  detached?: boolean;
}

/** Runs a command to its end; never rejects. */
export async function runCommand(command: string, args: string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      // A folder that everybody can enter: the user may not be allowed into ours.
      cwd: '/',
      // Nothing of ours: PG* variables would steer PostgreSQL, and our secrets are not its business.
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.detached ?? false,
      ...(options.user ? { uid: options.user.uid, gid: options.user.gid } : {}),
    });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output: output.trim() }));
  });
}
