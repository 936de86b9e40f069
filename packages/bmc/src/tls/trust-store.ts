import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { BmcError } from '../errors/bmc-error.js';
import type { BoardId } from '../identity/board-id.js';
import type { BoardIdentity } from './board-identity.js';

const storeSchema = z.record(
  z.string(),
  z.object({
    certificateFingerprint: z.string(),
    publicKeyPin: z.string(),
    learntAt: z.string(),
    /** What the board told about itself once it was trusted; a new certificate does not change it. */
    serial: z.string().optional(),
    mac: z.string().optional(),
  }),
);

/** An identity that the user confirmed, and when (ISO 8601). */
export type TrustedBoard = z.infer<typeof storeSchema>[string];

/**
 * The boards whose keys the user has confirmed, in one file of mode 0600.
 *
 * @remarks Nothing but an explicit confirmation writes to it: there is no trust on first use.
 */
export class TrustStore {
  /** @param file - usually `<cacheDir>/trusted-boards.json` */
  constructor(readonly file: string) {}

  /**
   * What is known about a board.
   *
   * @param key - `host:port`
   * @throws BmcError BMC_TRUST_STORE_UNREADABLE when the file exists and cannot be understood
   */
  async find(key: string): Promise<TrustedBoard | undefined> {
    return (await this.#read())[key];
  }

  /** Remembers a confirmed identity, replacing an earlier one; what the board had told about itself stays. */
  async trust(key: string, identity: BoardIdentity): Promise<void> {
    const boards = await this.#read();
    const { certificateFingerprint, publicKeyPin } = identity;
    boards[key] = {
      ...boards[key],
      certificateFingerprint,
      publicKeyPin,
      learntAt: new Date().toISOString(),
    };
    await this.#write(boards);
  }

  /** Adds to a trusted board what it told about itself; does nothing for a key that is not the trusted one. */
  async learn(key: string, board: BoardId): Promise<void> {
    const boards = await this.#read();
    const known = boards[key];
    if (known?.publicKeyPin !== board.publicKeyPin) return;
    const { serial, mac } = board;
    if (known.serial === serial && known.mac === mac) return;
    boards[key] = { ...known, serial, mac };
    await this.#write(boards);
  }

  /** Forgets a board. */
  async forget(key: string): Promise<void> {
    const boards = Object.entries(await this.#read());
    await this.#write(Object.fromEntries(boards.filter(([known]) => known !== key)));
  }

  async #read(): Promise<Record<string, TrustedBoard>> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw this.#unreadable(cause);
    }
    try {
      return storeSchema.parse(JSON.parse(text));
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  #unreadable(cause: unknown): BmcError {
    return new BmcError('BMC_TRUST_STORE_UNREADABLE', `cannot read the trusted boards in ${this.file}`, {
      cause,
    });
  }

  async #write(boards: Record<string, TrustedBoard>): Promise<void> {
    await mkdir(path.dirname(this.file), { recursive: true });
    const temporary = `${this.file}.${randomUUID()}`;
    try {
      await writeFile(temporary, `${JSON.stringify(boards, undefined, 2)}\n`, { mode: 0o600, flush: true });
      await rename(temporary, this.file);
    } catch (cause) {
      await rm(temporary, { force: true });
      throw cause;
    }
  }
}
