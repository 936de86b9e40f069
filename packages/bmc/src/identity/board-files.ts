import { access, rename } from 'node:fs/promises';
import path from 'node:path';
import { BootingNodes } from '../flash/booting-nodes.js';
import { FlashLock } from '../flash/flash-lock.js';
import { TransferJournal } from '../flash/transfer-journal.js';

/** What programs of this user keep about one board. */
export interface BoardFiles {
  readonly lock: FlashLock;
  readonly journal: TransferJournal;
  /** Nodes that were switched on and still boot. */
  readonly booting: BootingNodes;
}

/**
 * The lock and the journal of a board.
 *
 * @param name - of the board; undefined while it is not known
 * @param earlier - the key or address that named them before it was known: a journal under that name is taken over
 */
export async function boardFiles(
  dir: string,
  name: string | undefined,
  earlier: string,
): Promise<BoardFiles> {
  const before = journalFile(dir, earlier);
  const journal = journalFile(dir, name ?? earlier);
  if (journal !== before && !(await exists(journal))) {
    // Two programs may do so at once: one of them finds nothing left to do.
    await rename(before, journal).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    });
  }
  return {
    lock: new FlashLock(path.join(dir, `${stem(name ?? earlier)}.lock`)),
    journal: new TransferJournal(journal),
    booting: new BootingNodes(path.join(dir, stem(name ?? earlier))),
  };
}

function journalFile(dir: string, name: string): string {
  return path.join(dir, `${stem(name)}.transfer.json`);
}

/** Serial numbers keep their case, since two may differ in it alone. */
function stem(name: string): string {
  return `bmc-${name.replace('sha256:', '').replaceAll(/[^A-Za-z0-9.-]/g, '_')}`;
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
