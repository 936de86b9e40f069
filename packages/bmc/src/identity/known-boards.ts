import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type BoardId, isSameBoard } from './board-id.js';

const boardSchema = z.object({
  /** The `id` under which the board was first known; names its lock and journal ever after. */
  name: z.string(),
  serial: z.string().optional(),
  mac: z.string().optional(),
  /** Public keys that it has presented, the latest last. */
  keys: z.array(z.string()).min(1),
});

type KnownBoard = z.output<typeof boardSchema>;

/** So many keys of one board are remembered: a board that moves between networks makes one at each start. */
const MOST_KEYS = 20;

/**
 * Boards by the keys that they have presented, in one file for all programs of a user.
 *
 * @remarks Lock and journal need a name before anything was asked of the board, and the same one for each program and
 * after each new certificate. Nothing is decided by it but that name: a file that is lost is learnt again.
 */
export class KnownBoards {
  /** @param file - beside the locks */
  constructor(readonly file: string) {}

  /** The name of the board that has presented this key; undefined when none is known. */
  async nameOf(publicKeyPin: string): Promise<string | undefined> {
    // A key may be on two boards, by a restored backup: then only the board itself can tell which it is.
    const found = (await this.#read()).filter(({ keys }) => keys.includes(publicKeyPin));
    return found.length === 1 ? found[0]?.name : undefined;
  }

  /** Notes who presented a key, and gives the name that the board has from its first meeting. */
  async note(board: BoardId): Promise<string> {
    const known = await this.#read();
    const found = known.find((one) =>
      one.keys.some((key) => isSameBoard({ ...facts(one), publicKeyPin: key }, board)),
    );
    const before = JSON.stringify(found);
    const entry: KnownBoard = found ?? { name: board.id, keys: [board.publicKeyPin] };
    if (board.serial !== undefined) entry.serial = board.serial;
    if (board.mac !== undefined) entry.mac = board.mac;
    if (!entry.keys.includes(board.publicKeyPin))
      entry.keys = [...entry.keys, board.publicKeyPin].slice(-MOST_KEYS);
    if (!found) known.push(entry);
    if (JSON.stringify(entry) !== before) await this.#write(known);
    return entry.name;
  }

  async #read(): Promise<KnownBoard[]> {
    try {
      return z.array(boardSchema).parse(JSON.parse(await readFile(this.file, 'utf8')));
    } catch {
      return [];
    }
  }

  async #write(boards: readonly KnownBoard[]): Promise<void> {
    await mkdir(path.dirname(this.file), { recursive: true });
    const temporary = `${this.file}.${randomUUID()}`;
    try {
      await writeFile(temporary, JSON.stringify(boards), { mode: 0o600 });
      await rename(temporary, this.file);
    } catch (cause) {
      await rm(temporary, { force: true });
      throw cause;
    }
  }
}

function facts({ serial, mac }: KnownBoard): Pick<BoardId, 'serial' | 'mac'> {
  return { ...(serial === undefined ? {} : { serial }), ...(mac === undefined ? {} : { mac }) };
}
