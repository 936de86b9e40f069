import type { NodeId } from '@turingpi/foundation';
import type { TuringPiEvent } from '../event/event.js';

/** Version of what the lines of a run's file mean; grows when a reader of the one before would be misled. */
export const RUN_SCHEMA_VERSION = 1;

/** A node as it was configured when the run began. */
export interface RunNode {
  readonly nodeId: NodeId;
  /** Name of its board, where the configuration has several. */
  readonly board?: string;
  readonly hostname: string;
  /** What is in the slot, for example `rk1`. */
  readonly module: string;
  readonly os?: string;
  readonly address: string;
}

/** A board as it was configured when the run began. */
export interface RunBoard {
  /** Its name, where the configuration has several. */
  readonly name?: string;
  readonly address: string;
  /** It is a simulated one, as far as the program that started the run knows. */
  readonly simulated?: boolean;
}

/** How a run ended; `incomplete` when nodes were left as they are, or could not be asked. */
export type RunOutcome = 'completed' | 'failed' | 'incomplete' | 'aborted';

/** What is in every line. */
interface RunLine {
  /** Place in the run, counted from 0, without gaps. */
  readonly seq: number;
  readonly runId: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * One line of a run's file, `<cacheDir>/runs/<runId>.jsonl`: JSON, never a secret. The first is `run:started`, the last
 * `run:ended`; a file without the latter is of a run that goes on, or was killed.
 */
export type RunEvent =
  | (RunLine & {
      readonly type: 'run:started';
      readonly schema: typeof RUN_SCHEMA_VERSION;
      /** What was asked for: `up`, `reinstall`, `rehearse`, or `program` for a run of the SDK. */
      readonly command: string;
      /** Version of this program. */
      readonly version: string;
      readonly boards: readonly RunBoard[];
      readonly nodes: readonly RunNode[];
      /** The process that runs it, and its computer. */
      readonly pid: number;
      readonly host: string;
      /** Tells this computer from others of its name, where it can. */
      readonly computer?: string;
      /** What the system says of the process's start, where it does: tells a process number that was given out again. */
      readonly processStart?: string;
      /** Between two signs of life, in milliseconds; a run of an earlier version gives none. */
      readonly heartbeatMs?: number;
    })
  | (RunLine & {
      readonly type: 'run:cancelling';
      /** Who asked for it: a signal's name, or `turingpi run cancel`. */
      readonly by: string;
    })
  | (RunLine & { readonly type: 'run:note'; readonly text: string })
  | (RunLine & { readonly type: 'run:ended'; readonly outcome: RunOutcome; readonly durationMs: number })
  | (Omit<RunLine, 'at'> & TuringPiEvent);

// Omit over a union must be applied to each member, or only the common keys are left.
type WithoutPlace<E> = E extends unknown ? Omit<E, 'seq'> : never;

/** A line of a run as it happens, before it has its place in the file. Known secrets are blotted out of its texts. */
export type LiveRunEvent = WithoutPlace<RunEvent>;

export type RunEventListener = (event: LiveRunEvent) => void;
