import { rename, stat } from 'node:fs/promises';
import { Low } from 'lowdb';
import { StateError } from '../errors/state-error.js';
import { TuringPiError } from '../errors/turing-pi-error.js';
import type { NodeName } from '../node/node-id.js';
import type { PhaseName } from '../phase/phase.js';
import { DurableJsonFile } from './durable-json-file.js';
import { FileLock } from './file-lock.js';
import { DamagedState, parseState } from './parse-state.js';
import { pendingPhases, STATE_VERSION, type StateDocument } from './state-document.js';
import type { PhaseChange, StateStore } from './state-store.js';

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

  async read(): Promise<StateDocument> {
    return this.#serialize(async () => {
      try {
        return await this.#load();
      } catch (error) {
        if (!(error instanceof DamagedState)) throw error;
        await using lock = await FileLock.acquire(this.location);
        return await this.#loadLocked(lock);
      }
    });
  }

  async writePhase(node: NodeName, phase: PhaseName, change: PhaseChange): Promise<void> {
    await this.#serialize(async () => {
      await using lock = await FileLock.acquire(this.location);
      const state = await this.#loadLocked(lock);
      const record = typeof change === 'function' ? await change(state[node]?.[phase]) : change;
      if (record === undefined) return;
      state[node] = { ...pendingPhases(this.now().toISOString()), ...state[node], [phase]: record };
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
      if (TuringPiError.is(cause) || cause instanceof DamagedState) throw cause;
      throw new StateError('STATE_UNREADABLE', `the state file ${this.location} cannot be read`, {
        cause,
        hint: 'Check that it is a file and that you may read it.',
      });
    }
    return this.#database.data;
  }

  /** Loads while nobody else can write: a damaged file is then certainly the one that is moved. */
  async #loadLocked(lock: FileLock): Promise<StateDocument> {
    try {
      return await this.#load();
    } catch (error) {
      if (!(error instanceof DamagedState)) throw error;
      lock.assertHeld();
      throw await this.#setAside(error);
    }
  }

  async #setAside(cause: DamagedState): Promise<StateError> {
    const stamp = this.now().toISOString().replaceAll(/[:.]/g, '-');
    const aside = await freeName(`${this.location}.unreadable-${stamp}`);
    try {
      await rename(this.location, aside);
    } catch (failure) {
      return new StateError(
        'STATE_UNREADABLE',
        `the state file ${this.location} is damaged and cannot be moved away`,
        { cause: failure, hint: 'Move it away yourself and run again.' },
      );
    }
    return new StateError(
      'STATE_UNREADABLE',
      `the state file ${this.location} is damaged; it was moved to ${aside}`,
      {
        cause,
        hint: 'Run again to start with an empty state: every phase is then done anew. Nothing on the nodes is lost.',
        details: { movedTo: aside },
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
