import { z } from 'zod';

/** One action of a phase that was done, with its result. */
export const journalEntrySchema = z.object({
  action: z.string(),
  digest: z.string(),
  result: z.json(),
  /** ISO 8601. */
  at: z.string(),
});

export type JournalEntry = z.infer<typeof journalEntrySchema>;
