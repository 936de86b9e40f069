import os from 'node:os';
import path from 'node:path';

/**
 * A path as a configuration says it: absolute, from the user's home directory (`~/images`), or from the folder of the
 * configuration.
 *
 * @remarks No shell reads a configuration, so nobody else expands the `~`.
 */
export function resolvePath(baseDir: string, written: string): string {
  return path.resolve(baseDir, expandHome(written));
}

/** `~` and `~/…` as the user's home directory; anything else as it is. A folder of that name is written `./~`. */
export function expandHome(written: string): string {
  return /^~(?=$|[/\\])/.test(written) ? path.join(os.homedir(), written.slice(1)) : written;
}

/** Whether a path begins with `~name`, which only a shell understands. */
export function namesOtherHome(written: string): boolean {
  return /^~[a-z_][a-z0-9_-]*([/\\]|$)/i.test(written);
}
