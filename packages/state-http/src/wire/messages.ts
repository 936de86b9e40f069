import { z } from 'zod';

/** A comment on a stream, that nobody takes for the end of the connection. */
export const ALIVE = ': alive\n\n';

/** What a client and a server of the same version send each other; every body is JSON. The first part of each path. */
export const API = '/v1/clusters';

const nodeSchema = z.enum(['Node1', 'Node2', 'Node3', 'Node4']);
const phaseSchema = z.enum(['image_customization', 'os_installation', 'post_installation']);
const jsonSchema = z.record(z.string(), z.unknown());

/** A phase of a node, as it is in a path. */
export const placeSchema = z.strictObject({ node: nodeSchema, phase: phaseSchema });

/** Who asks, for others to be told. */
const askerSchema = z.strictObject({
  pid: z.int().positive(),
  host: z.string().min(1).max(200),
  command: z.string().max(200).optional(),
});
/** What a lease is asked for under: made by who holds it, and known to nobody else. */
export const leaseIdSchema = z.uuid();
/** What a lease is on: a phase, or anything else. */
export const leasePlaceSchema = z.union([
  placeSchema,
  z.strictObject({ resource: z.string().min(1).max(500) }),
]);

/** How a lease is asked for: of a resource, or of a phase with the record that it begins. */
export const leaseRequestSchema = z.strictObject({
  holder: askerSchema,
  ttlMs: z.number().int().min(100).max(3_600_000),
  resource: z.string().min(1).max(500).optional(),
  claim: z
    .strictObject({
      ...placeSchema.shape,
      hash: z.string().min(1),
      seen: z.number().int().optional(),
      keepJournal: z.number().int().min(0).optional(),
      /** The record from which the next one was made; left out where there was none. */
      before: jsonSchema.optional(),
      record: jsonSchema,
    })
    .optional(),
});
export type LeaseRequest = z.output<typeof leaseRequestSchema>;

/** A lease that was given. */
export const grantSchema = z.object({
  fence: z.number().int(),
  /** How long after the request had come it was given, in milliseconds: its time is counted from then. */
  afterMs: z.number(),
  /** How many entries the journal of a phase has; left out where it keeps none. */
  entries: z.number().int().optional(),
});
export type Grant = z.output<typeof grantSchema>;

/** One entry of a journal, with its place: added again, it is there once. */
export const entrySchema = z.strictObject({ at: z.number().int().min(0), entry: jsonSchema });

/** The record of a phase that ends, the one it was made of, and the number of the claim that it is of. */
export const finishSchema = z.strictObject({
  before: jsonSchema.optional(),
  record: jsonSchema,
  fence: z.int().positive(),
});

/** The records of a node that are to be, and those they were made of. */
export const amendSchema = z.strictObject({ before: jsonSchema.optional(), after: jsonSchema });

export const bindSchema = z.strictObject({ board: jsonSchema, unlessBound: z.boolean() });
export const holderReplySchema = z.object({
  holder: z
    .object({ name: z.string(), since: z.string().optional(), command: z.string().optional() })
    .optional(),
});
export const stateReplySchema = z.object({
  state: jsonSchema,
  hasSecrets: z.boolean(),
  hasPapers: z.boolean(),
});
export const journalReplySchema = z.object({ entries: z.array(z.unknown()) });

/** Of this very request: asked again after an answer that was lost, nothing is changed again. */
const requestId = z.uuid();

/** A text and the one it was made of. */
export const textChangeSchema = z.strictObject({
  id: requestId,
  before: z.string().optional(),
  text: z.string(),
});
export const textReplySchema = z.object({ text: z.string().optional() });
export const linesSchema = z.strictObject({
  id: requestId,
  lines: z.array(z.string().regex(/^[^\n]+$/)),
  at: z.number().int().min(0).optional(),
});
export const linesReplySchema = z.object({ lines: z.array(z.string()) });
export const logsReplySchema = z.object({
  logs: z.array(z.object({ name: z.string(), idleMs: z.number() })),
});

/** What was refused, as an error with a code. */
export const failureSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  details: jsonSchema.optional(),
});
export type Failure = z.output<typeof failureSchema>;

/** The status of a change that was made of something that is there no more: it is made anew. */
export const CHANGED_MEANWHILE = 412;
/** The status of everything else that a store refuses. */
export const REFUSED = 409;

/** Records as they are compared: a sign of life is no change. */
export function comparable(value: unknown): string {
  return JSON.stringify([value], (key, member: unknown) => (key === 'heartbeat' ? undefined : member));
}
