import { chmodSync, mkdirSync, statfsSync } from 'node:fs';

/*
 * State, journals and ledgers are flushed to the disk at every step, for which a test on a disk waits most of its time, and
 * none of them pulls the plug: their files are in memory where this computer has that much. Programs that a test starts inherit
 * the variable.
 */
const MEMORY = '/dev/shm';
/** What all tests at a time have together, and as much again. */
const ENOUGH_BYTES = 6 * 1024 ** 3;

if (process.env['TMPDIR'] === undefined && freeBytes() >= ENOUGH_BYTES) {
  const directory = `${MEMORY}/turingpi-tests`;
  mkdirSync(directory, { recursive: true });
  if (process.getuid?.() === 0) chmodSync(directory, 0o1777); // as /tmp is: some tests are somebody else
  process.env['TMPDIR'] = directory;
}

/** Nothing where there is no such thing: in a container it is 64 MB, elsewhere than on Linux it is not there. */
function freeBytes(): number {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
