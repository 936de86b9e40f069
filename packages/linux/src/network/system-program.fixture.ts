import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { env } from 'node:process';

const DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * Where a program of the system is, for tests that ask the real one.
 *
 * @returns Undefined when it is not installed, which skips the test. In CI that is an error: there nothing may be skipped.
 */
export function systemProgram(name: string): string | undefined {
  const path = DIRECTORIES.map((directory) => `${directory}/${name}`).find((candidate) =>
    existsSync(candidate),
  );
  if (path === undefined && env['CI'] === 'true')
    throw new Error(`tests need the program ${name}, which is not installed`);
  return path;
}

/** Runs a program and returns its exit code and everything it printed. */
export function runProgram(
  path: string,
  args: readonly string[],
): { readonly exitCode: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
  return { exitCode: status, output: `${stdout}${stderr}` };
}
