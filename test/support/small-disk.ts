import { execFile } from 'node:child_process';
import { open, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newDataDir } from './command.js';

const run = promisify(execFile);
const CHUNK = Buffer.alloc(64 * 1024);

/** A file system of its own, in memory, that a test can fill to the last byte. */
export interface SmallDisk {
  folder: string;
  fill(): Promise<void>;
  empty(): Promise<void>;
  remove(): Promise<void>;
}

/** Null where the machine lets nobody but its administrator mount one. */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk | null> {
  const folder = await newDataDir();
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'tmpfs', folder]);
  } catch {
    await rmdir(folder);
    return null;
  }
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill: async () => {
      const file = await open(ballast, 'w');
      try {
        for (;;) {
          await file.write(CHUNK);
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        await file.close();
      }
    },
    empty: () => rm(ballast, { force: true }),
    remove: async () => {
      await run('umount', ['--lazy', folder]);
      await rmdir(folder).catch(() => undefined);
    },
  };
}
