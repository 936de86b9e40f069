import { execFileSync, spawnSync } from 'node:child_process';

/** Where system programs are found; the same language and time zone everywhere. */
export const ENVIRONMENT = {
  ...process.env,
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
};

/** Names of the programs that are not installed. */
export function missingTools(names: readonly string[]): string[] {
  return names.filter(
    (name) => spawnSync(name, ['-V'], { env: ENVIRONMENT, stdio: 'ignore' }).error !== undefined,
  );
}

/** Runs a program and gives what it printed; throws with what it complained about. */
export function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    env: ENVIRONMENT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
}

/** Copies an image so that its holes stay holes. */
export function copySparsely(from: string, to: string): void {
  run('cp', '--sparse=always', from, to);
}
