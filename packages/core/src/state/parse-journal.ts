import { z } from 'zod';
import { type JournalEntry, journalEntrySchema } from './journal-entry.js';

/** The first line of a journal file: which claim of the phase it belongs to, and for which inputs it holds. */
const headSchema = z.object({
  fence: z.int().positive(),
  /** Of two claims with one number, one was lost before it was recorded; earlier versions do not tell. */
  instance: z.string().optional(),
  input_hash: z.string(),
});
/** Any other line: one action, its place, and the claim under which it was done. */
const lineSchema = journalEntrySchema.extend({ n: z.int().nonnegative(), fence: z.int().positive() });

/** What a journal belongs to. */
export interface JournalHead {
  readonly fence: number;
  readonly hash: string;
  /** Which opened store claimed it. */
  readonly instance?: string | undefined;
}

/** What is on record of the phase whose journal is read. */
export interface JournalClaim {
  readonly hash: string;
  readonly fence?: number | undefined;
  /** Who runs it now. */
  readonly instance?: string | undefined;
}

/** A journal file's text. */
export function formatJournal(
  { fence, hash, instance }: JournalHead,
  entries: readonly JournalEntry[],
): string {
  const head = `${JSON.stringify({ fence, instance, input_hash: hash })}\n`;
  return entries.reduce((text, entry, position) => text + formatEntry(fence, position, entry), head);
}

/** One line of a journal file. */
export function formatEntry(fence: number, position: number, entry: JournalEntry): string {
  return `${JSON.stringify({ n: position, fence, ...entry })}\n`;
}

/**
 * The actions that a journal file tells of.
 *
 * @remarks What cannot be read as a line was torn when its writer was killed, and lines of another claim were written by
 * somebody who had lost the phase: neither counts. Each line says its place, so that nothing after a missing one counts: it
 * is done again.
 *
 * @returns Undefined when it belongs to other inputs, to another claim, or to nothing.
 */
export function parseJournal(text: string, claim: JournalClaim): JournalEntry[] | undefined {
  const [first = '', ...rest] = text.split('\n');
  const head = headSchema.safeParse(valueOf(first));
  if (!head.success || !isOf(head.data, claim)) return undefined;
  const entries: JournalEntry[] = [];
  for (const text of rest) {
    const line = lineSchema.safeParse(valueOf(text));
    if (!line.success || line.data.fence !== head.data.fence) continue;
    const { n, fence: _fence, ...entry } = line.data;
    if (n !== entries.length) break;
    entries.push(entry);
  }
  return entries;
}

/** A claim that was never recorded has only begun a journal: what is in it was kept from the one on record. */
function isOf(head: z.infer<typeof headSchema>, { hash, fence = 0, instance }: JournalClaim): boolean {
  if (head.input_hash !== hash) return false;
  if (head.fence !== fence) return head.fence === fence + 1;
  return head.instance === undefined || instance === undefined || head.instance === instance;
}

function valueOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
