import { access, constants, statfs } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';

const ROOM_FOR_TESTS = 4 * 2 ** 30;
const memory = '/dev/shm';

/**
 * Where the databases of tests lie: in Linux's folder in memory, where there is room. Each test file's database is a
 * thousand new files, which alone take a second on some disks, and none of them has to last.
 */
export async function quickFolder() {
  try {
    await access(memory, constants.W_OK);
    const { bavail, bsize } = await statfs(memory);
    return Math.min(bavail * bsize, freemem()) >= ROOM_FOR_TESTS ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}
