import { readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Environment of a process whose clock is what a file says (`+1d`), looked at anew every time. Its monotonic clock goes on,
 * as it does when a real one is set. Needs `faketime`.
 */
export function movingClock(clockFile: string): Readonly<Record<string, string>> {
  // Debian keeps the library below the folder of the machine's architecture.
  const folder = readdirSync('/usr/lib').find((entry) => entry.endsWith('-linux-gnu')) ?? '';
  return {
    LD_PRELOAD: path.join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'),
    FAKETIME_TIMESTAMP_FILE: clockFile,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
}
