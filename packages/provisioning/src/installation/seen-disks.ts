import type { Context, SharedText } from '@turingpi/core/plugin';
import { nodeName } from '@turingpi/foundation';
import { z } from 'zod';

/** What an installation has met that only the node itself can tell of: a disk that the board's controller cannot reach. */
export interface SeenDisk {
  readonly serial: string;
  readonly sizeBytes: number;
  /** With their sizes, for people; empty where there were none. */
  readonly partitions: string;
  /** It was approved, and is written since. */
  readonly isWritten: boolean;
}

/** The same on record. */
export interface RecordedDisk extends SeenDisk {
  /** ISO 8601. */
  readonly at: string;
}

const PLAIN = /^[\x20-\x7e]*$/;
const schema = z.object({
  at: z.iso.datetime(),
  serial: z.string().max(64).regex(PLAIN),
  sizeBytes: z.number().nonnegative(),
  partitions: z.string().max(1000).regex(PLAIN),
  isWritten: z.boolean(),
});

/** The disk that was last met beside a node's eMMC, kept beside the records: evidence for a plan, which decides nothing. */
export class SeenDisks {
  constructor(private readonly context: Pick<Context, 'papers' | 'boardId' | 'node'>) {}

  /** @returns Undefined where none was met, or what is kept cannot be understood. */
  async read(): Promise<RecordedDisk | undefined> {
    const text = await (await this.#text())?.read();
    return text === undefined ? undefined : parseDisk(text);
  }

  async note(disk: SeenDisk): Promise<void> {
    const recorded: RecordedDisk = { ...disk, at: new Date().toISOString() };
    await (await this.#text())?.update(() => `${JSON.stringify(recorded)}\n`);
  }

  /** Undefined where nothing is kept, or the board does not tell who it is. */
  async #text(): Promise<SharedText | undefined> {
    const { papers, node } = this.context;
    const board = papers && (await this.context.boardId());
    return board === undefined ? undefined : papers?.text(`disk/${board}/${nodeName(node.id)}`);
  }
}

function parseDisk(text: string): RecordedDisk | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // cut off
  }
}
