import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import type { NodeId } from '@turingpi/foundation';
import { z } from 'zod';

const entrySchema = z.object({
  /** Milliseconds since the epoch: when it was switched on. */
  since: z.number(),
  /** When its boot is over at the latest. */
  until: z.number(),
  /** Who waits for it. */
  pid: z.number().int(),
  host: z.string(),
  /** The end of its console when it was switched on: how long, and its digest. Console text itself is never stored. */
  console: z.object({ length: z.number().int().nonnegative(), sha256: z.string() }).optional(),
});

/** A node that was switched on and is not known to be up, or not to come up. */
export type BootingNode = z.output<typeof entrySchema>;

/** Of the console's end this much is enough to find the place again. */
const LONGEST_MARK = 256;

/**
 * The nodes of a board that programs of this user on this computer have switched on and that still boot.
 *
 * @remarks
 * A node prints nothing for up to 20 s after it was switched on; nothing but this record tells it from one in USB boot.
 * The records lie beside the board's lock, one file a node, so that any process may write its own. A node boots on when
 * the process that switched it on is gone, so a record counts until its time is over.
 */
export class BootingNodes {
  /** @param prefix - path and beginning of the name of the files */
  constructor(private readonly prefix: string) {}

  /** @param consoleText - what the console's buffer held before; undefined when it is not known */
  async add(node: NodeId, limitMs: number, consoleText: string | undefined): Promise<void> {
    const since = Date.now();
    const entry: BootingNode = {
      ...{ since, until: since + limitMs, pid: process.pid, host: hostname() },
      ...(consoleText !== undefined && { console: markOf(consoleText) }),
    };
    const file = this.#file(node);
    const temporary = `${file}.${randomUUID()}`;
    await mkdir(path.dirname(file), { recursive: true });
    try {
      await writeFile(temporary, JSON.stringify(entry), { mode: 0o600 });
      await rename(temporary, file);
    } catch (cause) {
      await rm(temporary, { force: true });
      throw cause;
    }
  }

  /** The record of a node whose boot is not over; undefined when there is none. */
  async get(node: NodeId): Promise<BootingNode | undefined> {
    try {
      const entry = entrySchema.parse(JSON.parse(await readFile(this.#file(node), 'utf8')));
      // A clock that was put back must not keep a record alive for years.
      const now = Date.now();
      return now < entry.until && now >= entry.since - 60_000 ? entry : undefined;
    } catch {
      return undefined;
    }
  }

  /** It is up, or its wait was given up, or it is off again. */
  async remove(node: NodeId): Promise<void> {
    await rm(this.#file(node), { force: true });
  }

  #file(node: NodeId): string {
    return `${this.prefix}.booting-${node}.json`;
  }
}

/** What a console printed after its node was switched on. Everything, when the place has left the buffer. */
export function printedSince({ console }: Pick<BootingNode, 'console'>, text: string): string {
  if (!console) return '';
  const { length, sha256 } = console;
  if (length === 0) return text;
  // The last place that fits: less is taken for new when the buffer repeats itself.
  for (let end = text.length; end >= length; end--)
    if (digest(text.slice(end - length, end)) === sha256) return text.slice(end);
  return text;
}

function markOf(text: string): NonNullable<BootingNode['console']> {
  // Characters that were cut by the buffer's end change when their rest arrives.
  const end = text.replace(/\uFFFD+$/, '').slice(-LONGEST_MARK);
  return { length: end.length, sha256: digest(end) };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
