import { rename, stat } from 'node:fs/promises';
import { TuringPiError } from '@turingpi/foundation';
import { Low } from 'lowdb';
import { StateError } from '../errors/state-error.js';
import { DurableJsonFile } from './durable-json-file.js';
import { FileLock } from './file-lock.js';
import { DamagedState, parseState } from './parse-state.js';
import { rememberedParse } from './remembered-parse.js';
import { STATE_VERSION, type StateDocument } from './state-document.js';

/** The lock under which a document is changed. */
export interface HeldLock {
  /** To be asked directly before anything else is written. @throws StateError `STATE_LOCKED` when it was lost. */
  assertHeld(): void;
}

/** The next document, decided while nobody else can write; undefined leaves the one on file. */
export type DocumentChange = (
  current: StateDocument,
  lock: HeldLock,
) => StateDocument | undefined | Promise<StateDocument | undefined>;

/** A JSON file that several processes read and change, checked as a whole. */
export class StateFile {
  readonly #file: DurableJsonFile<StateDocument>;
  readonly #database: Low<StateDocument>;
  /** Changes of this process, one after the other: the file lock is only for other processes. */
  #tail: Promise<unknown> = Promise.resolve();

  /** @param location - the file; its directory must exist */
  constructor(readonly location: string) {
    this.#file = new DurableJsonFile(
      location,
      rememberedParse((text) => parseState(text, location)),
    );
    this.#database = new Low(this.#file, { version: STATE_VERSION });
  }

  read(): Promise<StateDocument> {
    return this.#serialize(() => this.#load());
  }

  /**
   * Replaces the document, under a lock that other processes respect. What a change throws passes through, and nothing is
   * written.
   */
  update(change: DocumentChange): Promise<void> {
    return this.#serialize(async () => {
      await using lock = await FileLock.acquire(this.location);
      const state = await change(await this.#load(), lock);
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

  /**
   * Moves a damaged file away.
   *
   * @param stamp - what its new name ends in
   * @returns Where it is now; undefined when it is not damaged.
   */
  setAside(stamp: string): Promise<string | undefined> {
    return this.#serialize(async () => {
      await using lock = await FileLock.acquire(this.location);
      try {
        await this.#load();
        return undefined;
      } catch (error) {
        if (!TuringPiError.is(error) || error.code !== 'STATE_UNREADABLE') throw error;
        lock.assertHeld(); // a damaged file is then certainly the one that is moved
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
      throw unreadable(this.location, cause);
    }
    return this.#database.data;
  }
}

function unreadable(location: string, cause: unknown): StateError {
  if (!(cause instanceof DamagedState))
    return new StateError('STATE_UNREADABLE', `the state file ${location} cannot be read`, {
      cause,
      hint: 'Check that it is a file and that you may read it.',
    });
  return new StateError(
    'STATE_UNREADABLE',
    `the state file ${location} is damaged: what was done to the nodes is not known any more`,
    {
      cause,
      hint:
        'Nothing was changed. `turingpi adopt` keeps the damaged file under another name and makes new records from ' +
        'what the nodes say of themselves; or put a backup of it in its place.',
    },
  );
}

/** A name that does not exist yet: of two damaged files in one moment, none replaces the other. */
async function freeName(wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if ((await stat(name).catch(() => undefined)) === undefined) return name;
  }
}
