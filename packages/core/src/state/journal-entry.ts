import { z } from 'zod';

/** One action of a phase that was done, with its result. */
export const journalEntrySchema = z.object({
  action: z.string(),
  digest: z.string(),
  result: z.json(),
  /** The name under which it is done once in an installation. */
  once: z.string().optional(),
  /** It looks first, so that it may be done again unasked; missing: it does not, or an earlier version did it. */
  repeatable: z.literal(true).optional(),
  /** ISO 8601. */
  at: z.string(),
});

export type JournalEntry = z.infer<typeof journalEntrySchema>;
