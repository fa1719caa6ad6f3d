import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';

const ROOM_FOR_TESTS = 4 * 2 ** 30;
const memory = '/dev/shm';

/**
 * Where the databases of tests lie: in Linux's folder in memory, where there is room. Each test file's database is a
 * thousand new files, which alone take a second on some disks, and none of them has to last.
 */
export async function quickFolder() {
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= ROOM_FOR_TESTS ? memory : tmpdir();
}
