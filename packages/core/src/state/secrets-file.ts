import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { TuringPiError } from '@turingpi/foundation';
import { DEFAULT_STATE_FILE_NAME } from '../config/default-state-file-name.js';
import { StateError } from '../errors/state-error.js';
import { removeLeftovers } from './durable-json-file.js';
import { writeDurably } from './durable-write.js';
import { FileLock } from './file-lock.js';
import { assertOwnSecrets, secretsUnreadable } from './parse-node-secrets.js';
import type { SharedText } from './shared-text.js';

/**
 * Where the secrets of a state file's nodes are: `node-secrets.json` beside the default one, a name of its own beside
 * any other.
 */
export function nodeSecretsFileOf(stateFile: string): string {
  const { dir, name, base } = path.parse(stateFile);
  if (base === DEFAULT_STATE_FILE_NAME) return path.join(dir, 'node-secrets.json');
  return path.join(dir, `${base.endsWith('.json') ? name : base}.node-secrets.json`);
}

/**
 * The secrets of a state file's nodes, in a file of mode 0600.
 *
 * @remarks All methods throw StateError `NODE_SECRETS_UNREADABLE` for a file that cannot be read or is somebody else's. It is
 * neither overwritten nor moved: what is in it may be the only copy.
 */
export class SecretsFile implements SharedText {
  /** @param location - the file; its directory must exist */
  constructor(readonly location: string) {}

  async read(): Promise<string | undefined> {
    try {
      await assertOwnSecrets(this.location);
      return await readFile(this.location, 'utf8');
    } catch (cause) {
      if (TuringPiError.is(cause)) throw cause;
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw secretsUnreadable(this.location, 'cannot be read', cause);
    }
  }

  async update(change: (current: string | undefined) => string | undefined): Promise<string | undefined> {
    await using lock = await FileLock.acquire(this.location);
    const current = await this.read();
    const next = change(current);
    if (next === undefined) return current;
    lock.assertHeld();
    try {
      await removeLeftovers(this.location);
      await writeDurably(this.location, next);
    } catch (cause) {
      throw new StateError(
        'STATE_WRITE_FAILED',
        `the secrets of the nodes (${this.location}) cannot be written`,
        { cause, hint: 'Check free space and permissions of its directory.' },
      );
    }
    return next;
  }
}
