import { chmodSync, mkdirSync, readFileSync, statfsSync } from 'node:fs';

/*
 * State, journals and ledgers are flushed to the disk at every step, for which a test on a disk waits most of its time, and
 * none of them pulls the plug: their files are in memory where this computer has that much. Programs that a test starts inherit
 * the variable.
 */
const MEMORY = '/dev/shm';
/** More than all tests have at a time, images and installed packages included. */
const ENOUGH_BYTES = 6 * 1024 ** 3;

if (process.env['TMPDIR'] === undefined && freeBytes() >= ENOUGH_BYTES) {
  const user = process.getuid?.() ?? 0;
  const directory = `${MEMORY}/turingpi-${user}`; // short: sockets are in it, too
  mkdirSync(directory, { recursive: true });
  if (user === 0) chmodSync(directory, 0o1777); // as /tmp is: root's tests are somebody else at times
  process.env['TMPDIR'] = directory;
}

/**
 * Nothing where there is no such thing: in a container it is 64 MB, elsewhere than on Linux it is not there. Where nothing in it
 * may be run it is none for tests either.
 */
function freeBytes(): number {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.includes(` ${MEMORY} `));
    if (mount === undefined || /[ ,]noexec[ ,]/.test(mount)) return 0;
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
