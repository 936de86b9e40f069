import { rename, stat } from 'node:fs/promises';
import { Low } from 'lowdb';
import { StateError } from '../errors/state-error.js';
import { TuringPiError, type NodeName } from '@turingpi/foundation';

import type { PhaseName } from '../phase/phase.js';
import { DurableJsonFile } from './durable-json-file.js';
import { FileLock } from './file-lock.js';
import { DamagedState, parseState } from './parse-state.js';
import { pendingPhases, STATE_VERSION, type StateDocument } from './state-document.js';
import type { PhaseChange, StateChange, StateStore } from './state-store.js';

/** The state in a JSON file, for several processes at once. */
export class FileStateStore implements StateStore {
  readonly #file: DurableJsonFile<StateDocument>;
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
    this.#file = new DurableJsonFile(location, (text) => parseState(text, location));
    this.#database = new Low(this.#file, { version: STATE_VERSION });
  }

  read(): Promise<StateDocument> {
    return this.#serialize(() => this.#load());
  }

  writePhase(node: NodeName, phase: PhaseName, change: PhaseChange): Promise<void> {
    return this.update(async (state) => {
      const record = typeof change === 'function' ? await change(state[node]?.[phase]) : change;
      if (record === undefined) return undefined;
      const phases = { ...pendingPhases(this.now().toISOString()), ...state[node], [phase]: record };
      return { ...state, [node]: phases };
    });
  }

  async update(change: StateChange): Promise<void> {
    await this.#serialize(async () => {
      await using lock = await FileLock.acquire(this.location);
      const state = await change(await this.#load());
      if (state === undefined) return;
      lock.assertHeld();
      try {
        await this.#file.removeLeftovers();
        this.#database.data = state;
        await this.#database.write();
      } catch (cause) {
        throw new StateError('STATE_WRITE_FAILED', `the state file ${this.location} cannot be written`, {
          cause,
          hint: 'Check free space and permissions of its directory.',
        });
      }
    });
  }

  async setAside(): Promise<string | undefined> {
    return this.#serialize(async () => {
      await using lock = await FileLock.acquire(this.location);
      try {
        await this.#load();
        return undefined;
      } catch (error) {
        if (!TuringPiError.is(error) || error.code !== 'STATE_UNREADABLE') throw error;
        lock.assertHeld(); // a damaged file is then certainly the one that is moved
        const stamp = this.now().toISOString().replaceAll(/[:.]/g, '-');
        const aside = await freeName(`${this.location}.unreadable-${stamp}`);
        await rename(this.location, aside);
        return aside;
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
      if (TuringPiError.is(cause)) throw cause;
      throw this.#unreadable(cause);
    }
    return this.#database.data;
  }

  #unreadable(cause: unknown): StateError {
    if (!(cause instanceof DamagedState))
      return new StateError('STATE_UNREADABLE', `the state file ${this.location} cannot be read`, {
        cause,
        hint: 'Check that it is a file and that you may read it.',
      });
    return new StateError(
      'STATE_UNREADABLE',
      `the state file ${this.location} is damaged: what was done to the nodes is not known any more`,
      {
        cause,
        hint:
          'Nothing was changed. `turingpi adopt` keeps the damaged file under another name and makes new records from ' +
          'what the nodes say of themselves; or put a backup of it in its place.',
      },
    );
  }
}

/** A name that does not exist yet: of two damaged files in one moment, none replaces the other. */
async function freeName(wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if ((await stat(name).catch(() => undefined)) === undefined) return name;
  }
}
