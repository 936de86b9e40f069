import { createRequire } from 'node:module';
import type ssh2 from 'ssh2';

let loaded: typeof ssh2 | undefined;

/** The library `ssh2`, read at its first use: a run that finds everything done opens no connection and needs none of it. */
export function loadSsh2(): typeof ssh2 {
  return (loaded ??= createRequire(import.meta.url)('ssh2') as typeof ssh2);
}
