import { z } from 'zod';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** An approval as it comes from elsewhere. Strict: a key that nobody knows may mean something to whoever signed it. */
export const approvalSchema = z.strictObject({
  statement: z.strictObject({
    version: z.literal(1),
    fleet: z.string(),
    id: z.string().min(1),
    operator: z.string(),
    board: z.string(),
    identity: z.string().optional(),
    node: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
    plan: digest,
    disk: z.string(),
    evidence: z.enum(['new', 'interrupted', 'unknown', 'installed']),
    installation: z.string().optional(),
    at: z.iso.datetime(),
    until: z.iso.datetime(),
  }),
  signature: z.base64(),
});
