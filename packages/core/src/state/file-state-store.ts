import { rename, stat } from 'node:fs/promises';
import { Low } from 'lowdb';
import lockfile from 'proper-lockfile';
import { z } from 'zod';
import { StateError } from '../errors/state-error.js';
import type { NodeName } from '../node/node-id.js';
import type { PhaseName } from '../phase/phase.js';
import { DurableJsonFile } from './durable-json-file.js';
import {
  pendingPhases,
  type PhaseRecord,
  STATE_VERSION,
  type StateDocument,
  stateDocumentSchema,
} from './state-document.js';
import type { StateStore } from './state-store.js';

/** How long another process may hold the lock before it is taken for dead, in milliseconds. */
const LOCK_STALE_MS = 5000;

/** The state in a JSON file, for several processes at once. */
export class FileStateStore implements StateStore {
  readonly #database: Low<StateDocument>;
  /** Changes of this process, one after the other: the file lock is only for other processes. */
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * @param location - the file; its directory must exist
   * @param now - clock, for tests
   */
  constructor(
    readonly location: string,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.#database = new Low(new DurableJsonFile(location, parseState), { version: STATE_VERSION });
  }

  async read(): Promise<StateDocument> {
    return this.#serialize(() => this.#load());
  }

  async writePhase(node: NodeName, phase: PhaseName, record: PhaseRecord): Promise<void> {
    await this.#serialize(async () => {
      const unlock = await this.#lock();
      try {
        const state = await this.#load();
        state[node] = { ...pendingPhases(this.now().toISOString()), ...state[node], [phase]: record };
        this.#database.data = state;
        await this.#database.write();
      } catch (cause) {
        if (cause instanceof StateError) throw cause;
        throw new StateError('STATE_WRITE_FAILED', `the state file ${this.location} cannot be written`, {
          cause,
          hint: 'Check free space and permissions of its directory.',
        });
      } finally {
        await unlock();
      }
    });
  }

  #serialize<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #load(): Promise<StateDocument> {
    this.#database.data = { version: STATE_VERSION };
    try {
      await this.#database.read();
    } catch (cause) {
      if (cause instanceof StateError) throw cause;
      throw await this.#setAside(cause);
    }
    return this.#database.data;
  }

  async #setAside(cause: unknown): Promise<StateError> {
    const aside = `${this.location}.unreadable-${this.now().toISOString().replaceAll(/[:.]/g, '-')}`;
    const moved = await stat(this.location)
      .then((found) => found.isFile())
      .then(async (isFile) => {
        if (isFile) await rename(this.location, aside);
        return isFile;
      })
      .catch(() => false);
    return new StateError(
      'STATE_UNREADABLE',
      moved
        ? `the state file ${this.location} is damaged; it was moved to ${aside}`
        : `the state file ${this.location} cannot be read`,
      {
        cause,
        hint: moved
          ? 'Run again to start with an empty state: every phase is then done anew. Nothing on the nodes is lost.'
          : 'Check that it is a file that you may read.',
      },
    );
  }

  async #lock(): Promise<() => Promise<void>> {
    try {
      return await lockfile.lock(this.location, {
        realpath: false, // the file need not exist yet
        stale: LOCK_STALE_MS,
        retries: { retries: 60, minTimeout: 20, maxTimeout: 250 },
      });
    } catch (cause) {
      throw new StateError('STATE_LOCKED', `the state file ${this.location} is locked by another process`, {
        cause,
        hint: `Wait for the other run to end; if there is none, remove ${this.location}.lock.`,
      });
    }
  }
}

function parseState(text: string): StateDocument {
  const value: unknown = JSON.parse(text);
  const version = z.object({ version: z.int() }).safeParse(value);
  if (version.success && version.data.version > STATE_VERSION)
    throw new StateError(
      'STATE_UNSUPPORTED_VERSION',
      `the state file has version ${version.data.version}; this program knows version ${STATE_VERSION}`,
      { hint: 'Upgrade turingpi, or use another stateFileName.' },
    );
  return stateDocumentSchema.parse(value);
}
