import { z } from 'zod';
import { PHASES, type PhaseName } from '../phase/phase.js';

/** The version of the state file's layout that this core writes. */
export const STATE_VERSION = 1;

const journalRecord = z.object({
  action: z.string(),
  digest: z.string(),
  result: z.json(),
  at: z.string(),
});

/** Who is running a phase: a record whose owner is gone is a crash. */
const owner = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** What the operating system says about the process's start; tells a reused process number. */
  process_start: z.string().optional(),
  /** Which of the cluster objects of the process. */
  instance: z.string().optional(),
  started_at: z.string(),
});

const phaseRecord = z.looseObject({
  status: z.enum(['pending', 'running', 'failed', 'completed']),
  /** ISO 8601, of the last change of status. */
  timestamp: z.string(),
  input_hash: z.string().optional(),
  owner: owner.optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** What the phase handed on, when it completed. */
  output: z.record(z.string(), z.json()).optional(),
  output_image_path: z.string().optional(),
  output_sha256: z.string().optional(),
  installation_id: z.string().optional(),
  /** Which of the node's installations the output belongs to, counted from 1. */
  generation: z.int().positive().optional(),
  journal: z.array(journalRecord).optional(),
});

const nodeState = z.looseObject({
  image_customization: phaseRecord.optional(),
  os_installation: phaseRecord.optional(),
  post_installation: phaseRecord.optional(),
});

/** The state file, keyed by node. Unknown keys are kept. */
export const stateDocumentSchema = z.looseObject({
  version: z.literal(STATE_VERSION),
  Node1: nodeState.optional(),
  Node2: nodeState.optional(),
  Node3: nodeState.optional(),
  Node4: nodeState.optional(),
});

export type StateDocument = z.infer<typeof stateDocumentSchema>;
export type NodeState = z.infer<typeof nodeState>;
export type PhaseRecord = z.infer<typeof phaseRecord>;
export type PhaseOwner = z.infer<typeof owner>;

/** The state of a node of which nothing is known: every phase pending. */
export function pendingPhases(timestamp: string): Record<PhaseName, PhaseRecord> {
  const pending: PhaseRecord = { status: 'pending', timestamp };
  return Object.fromEntries(PHASES.map((phase) => [phase, pending])) as Record<PhaseName, PhaseRecord>;
}
