import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const HOUR_MS = 3_600_000;
/** Debian's package `faketime` has it; the loader finds the folder of this machine. */
const LIBRARY = '/usr/$LIB/faketime/libfaketimeMT.so.1';

/**
 * The variables of a computer whose clock is an hour off; what waits there goes on as everywhere.
 *
 * @param by - for example `+1h`
 * @throws Error when the clock is right all the same
 */
export async function wrongClock(by: '+1h' | '-1h'): Promise<Readonly<Record<string, string>>> {
  const environment = { LD_PRELOAD: LIBRARY, FAKETIME: by, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'Date.now()'], {
    env: { ...process.env, ...environment },
  });
  const offMs = Number(stdout) - Date.now();
  if (Math.abs(offMs) < 0.9 * HOUR_MS) throw new Error(`the clock is off by ${offMs} ms only`);
  return environment;
}
