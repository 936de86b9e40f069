import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ProcessLock } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import type { BoardId } from '../identity/board-id.js';
import type { BoardIdentity } from './board-identity.js';
import { readTrustFile, type TrustedBoard, type TrustedBoards, writeTrustFile } from './trust-file.js';

/** Files in which confirmed keys were kept before they were those of a user. */
export interface EarlierTrustFiles {
  /** In a directory of the user: what is in it is taken over. */
  readonly ofUser?: string;
  /** In the cache directory of a project: what is in it counts for that project alone, as it always did. */
  readonly ofProject?: string;
}

/**
 * The boards whose keys a user has confirmed, in one file of mode 0600.
 *
 * @remarks Nothing but an explicit confirmation writes to it: there is no trust on first use. So nothing that came with a
 * project is taken over either: a folder that was fetched from somewhere could have brought keys.
 */
export class TrustStore {
  /** @param file - usually `trusted-boards.json` in the user's configuration directory */
  constructor(
    readonly file: string,
    private readonly earlier: EarlierTrustFiles = {},
  ) {}

  /**
   * What is known about a board.
   *
   * @param key - `host:port`
   * @throws BmcError BMC_TRUST_STORE_UNREADABLE when a file exists and cannot be understood, or is not the user's own
   */
  async find(key: string): Promise<TrustedBoard | undefined> {
    const known = (await this.#ofUser())[key];
    return known ?? (await readTrustFile(this.earlier.ofProject))[key];
  }

  /**
   * Remembers a confirmed identity, replacing an earlier one; what the board had told about itself stays.
   *
   * @throws BmcError BMC_TRUST_STORE_UNREADABLE, BMC_TRUST_STORE_UNWRITABLE
   */
  async trust(key: string, identity: BoardIdentity): Promise<void> {
    const earlier = await this.find(key);
    const { certificateFingerprint, publicKeyPin } = identity;
    await this.#change((boards) => {
      const learntAt = new Date().toISOString();
      return {
        ...boards,
        [key]: { ...(boards[key] ?? earlier), certificateFingerprint, publicKeyPin, learntAt },
      };
    });
  }

  /**
   * Adds to a trusted board what it told about itself; does nothing for a key that is not the trusted one. It helps to tell
   * boards apart later, and where it cannot be written nothing depends on it.
   */
  async learn(key: string, board: BoardId): Promise<void> {
    const { serial, mac } = board;
    const isNews = (known: TrustedBoard | undefined): known is TrustedBoard =>
      known?.publicKeyPin === board.publicKeyPin && (known.serial !== serial || known.mac !== mac);
    if (!isNews((await this.#ofUser())[key])) return;
    await this.#change((boards) => {
      const known = boards[key]; // somebody else may have changed it meanwhile
      return isNews(known) ? { ...boards, [key]: { ...known, serial, mac } } : boards;
    }).catch(unlessUnwritable);
  }

  /** Forgets a board. @throws BmcError as {@link trust} */
  async forget(key: string): Promise<void> {
    const without = (boards: TrustedBoards): TrustedBoards =>
      Object.fromEntries(Object.entries(boards).filter(([known]) => known !== key));
    await this.#change(without);
    const { ofProject } = this.earlier;
    const there = await readTrustFile(ofProject);
    if (ofProject !== undefined && key in there) await writeTrustFile(ofProject, without(there));
  }

  async #ofUser(): Promise<TrustedBoards> {
    const known = await readTrustFile(this.file);
    const { ofUser } = this.earlier;
    const earlier = await readTrustFile(ofUser);
    if (ofUser === undefined || Object.keys(earlier).length === 0) return known;
    const both = { ...earlier, ...known };
    try {
      await this.#change((boards) => ({ ...earlier, ...boards }));
      await rm(ofUser, { force: true });
    } catch (error) {
      unlessUnwritable(error); // it is read where it is, until it can be taken over
    }
    return both;
  }

  /** One program at a time: two that confirm two boards at once both remember theirs. */
  async #change(change: (boards: TrustedBoards) => TrustedBoards): Promise<void> {
    const unusable = (cause: unknown) => unwritable(this.file, cause);
    try {
      await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw unusable(cause);
    }
    await using lock = await ProcessLock.acquire(this.file, { unusable });
    const before = await readTrustFile(this.file);
    const after = change(before);
    if (after === before) return;
    if (!lock.isOurs()) throw unusable(new Error('this program stood still, and another one went on'));
    await writeTrustFile(this.file, after);
  }
}

function unwritable(file: string, cause: unknown): BmcError {
  return new BmcError('BMC_TRUST_STORE_UNWRITABLE', `cannot write the trusted boards to ${file}`, { cause });
}

function unlessUnwritable(error: unknown): void {
  if (!BmcError.is(error) || error.code !== 'BMC_TRUST_STORE_UNWRITABLE') throw error;
}
