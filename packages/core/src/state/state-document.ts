import { z } from 'zod';
import type { NodeName } from '@turingpi/foundation';
import { type JsonValue, PHASES, type PhaseName } from '../phase/phase.js';
import { journalEntrySchema } from './journal-entry.js';

/** The version of the state file's layout that this core writes. */
export const STATE_VERSION = 2;

/** Who is running a phase: a record whose owner is gone is a crash. */
const owner = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** Tells two computers with one name apart; earlier versions did not keep it. */
  computer: z.string().optional(),
  /** What the operating system says about the process's start; tells a reused process number. */
  process_start: z.string().optional(),
  /** Which of the cluster objects of the process. */
  instance: z.string().optional(),
  started_at: z.string(),
  /** ISO 8601: the last sign of life. Only that it changes counts; the clock that it is of may be wrong. */
  heartbeat: z.string().optional(),
  /** Without a sign of life for so long it is gone, in milliseconds, where that is not the usual time. */
  ttl_ms: z.number().positive().optional(),
  /** What the process was asked for, for example `up`: for people. */
  command: z.string().optional(),
});

const jsonValue = z.json() as unknown as z.ZodType<JsonValue>;

const inputDigests = z.record(z.string(), z.object({ digest: z.string(), value: jsonValue.optional() }));

/** A finished image, as the record of the installation that it became keeps it. */
const installedImage = z.object({
  input_hash: z.string(),
  inputs: inputDigests.optional(),
  recipe: z.number().optional(),
  output: z.record(z.string(), z.json()),
});

/** An installation that is on the disk, whole and checked, and was not seen up yet. */
const writtenInstallation = z.object({
  input_hash: z.string(),
  image: installedImage.optional(),
  output: z.record(z.string(), z.json()),
});

const phaseRecord = z.looseObject({
  status: z.enum(['pending', 'running', 'failed', 'completed']),
  /** ISO 8601, of the last change of status. */
  timestamp: z.string(),
  input_hash: z.string().optional(),
  /** The named inputs behind {@link input_hash}, to say later which of them changed. */
  inputs: inputDigests.optional(),
  /** The recipe of the program that did it: another one makes the result outdated, never different. */
  recipe: z.number().optional(),
  /** The record was made by adoption, or by a version that kept no named inputs: there is nothing to compare with. */
  adopted: z.boolean().optional(),
  /** Installation: erasing the disk had begun, so that what was there before is gone. */
  erased: z.boolean().optional(),
  /** Installation: why a record stopped being true without another installation of ours. */
  voided: z.string().optional(),
  /** Installation: the finished one that stands until its disk is erased. */
  previous: z.record(z.string(), z.json()).optional(),
  /** Installation: what a run that was stopped has written: the next one goes on from there. */
  written: writtenInstallation.optional(),
  /** Installation: the image that is on the node. */
  image: installedImage.optional(),
  /** ISO 8601: when the node last proved itself by its key. */
  seen_at: z.string().optional(),
  /** How long the last completed run of the phase took, in milliseconds, without waits for others. */
  duration_ms: z.number().nonnegative().optional(),
  /** Installation: what the user wanted to be done after it and was not done yet. */
  owed: z.array(z.string()).optional(),
  /**
   * Installation: settings that a run has begun to change in place without coming to its end, each with every value that
   * may be on the node by now.
   */
  tried: z.record(z.string(), z.array(jsonValue)).optional(),
  /** Installation: what was changed in place since it was made, the latest last. */
  in_place: z
    .array(
      z.object({
        /** ISO 8601. */
        at: z.string(),
        /** The run that did it. */
        run: z.string().optional(),
        settings: z.array(z.string()),
      }),
    )
    .optional(),
  /** Actions: what was done on this installation and is not in the journal any more. */
  done_before: z
    .array(
      z.object({
        digest: z.string(),
        /** ISO 8601. */
        at: z.string(),
        once: z.string().optional(),
        result: z.json().optional(),
        /** It has changed something, and the phase was not completed since: what was to follow it may not have been done. */
        unanswered: z.literal(true).optional(),
      }),
    )
    .optional(),
  owner: owner.optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** What the phase handed on, when it completed. */
  output: z.record(z.string(), z.json()).optional(),
  output_image_path: z.string().optional(),
  output_sha256: z.string().optional(),
  installation_id: z.string().optional(),
  /** Which of the node's installations the output belongs to, counted from 1. */
  generation: z.int().positive().optional(),
  /** How often the phase was claimed: who holds an earlier claim may not write any more. Kept by the store. */
  fence: z.int().positive().optional(),
  /** Of earlier versions: the journal is beside the state now. */
  journal: z.array(journalEntrySchema).optional(),
});

const nodeState = z.looseObject({
  image_customization: phaseRecord.optional(),
  os_installation: phaseRecord.optional(),
  post_installation: phaseRecord.optional(),
});

const boardRecord = z.object({
  serial: z.string().optional(),
  mac: z.string().optional(),
  key: z.string().optional(),
  /** The project that made the records. */
  project: z.string().optional(),
  since: z.string(),
});

/** The state file, keyed by node. Unknown keys are kept. */
export const stateDocumentSchema = z.looseObject({
  version: z.literal(STATE_VERSION),
  /** The board that the records are about. */
  board: boardRecord.optional(),
  /** Leases on what is no phase, by resource: how often each was given, and who has it now. */
  leases: z.record(z.string(), z.object({ fence: z.int().positive(), owner: owner.optional() })).optional(),
  Node1: nodeState.optional(),
  Node2: nodeState.optional(),
  Node3: nodeState.optional(),
  Node4: nodeState.optional(),
});

/** What the state file holds. */
export type StateDocument = z.infer<typeof stateDocumentSchema>;
export type BoardRecord = z.infer<typeof boardRecord>;
export type NodeState = z.infer<typeof nodeState>;
export type PhaseRecord = z.infer<typeof phaseRecord>;
export type PhaseOwner = z.infer<typeof owner>;

/** Everything on record, wherever it is kept. */
export type ClusterState = { readonly board?: BoardRecord | undefined } & Readonly<
  Partial<Record<NodeName, NodeState | undefined>>
>;

/** The state of a node of which nothing is known: every phase pending. */
export function pendingPhases(timestamp: string): Record<PhaseName, PhaseRecord> {
  const pending: PhaseRecord = { status: 'pending', timestamp };
  return Object.fromEntries(PHASES.map((phase) => [phase, pending])) as Record<PhaseName, PhaseRecord>;
}
