import type { PhaseName, PhaseStartReason, RunOutcome, StepResource } from '@turingpi/core/plugin';
import type { InputChange, NodeId, Progress } from '@turingpi/foundation';

/** A run as people look at it: what its events so far amount to. Plain data; times are milliseconds since 1970. */
export interface RunView {
  /** What `run:started` says of the run; missing before it was read. */
  readonly facts?: RunFacts;
  readonly status: RunStatus;
  /** Of the last event that was taken; -1 for none. */
  readonly seq: number;
  readonly startedAt?: number;
  /** When the last event happened. */
  readonly lastAt?: number;
  readonly endedAt?: number;
  /** Who asked for the end of the run, where somebody did. */
  readonly cancelledBy?: string;
  readonly notes: readonly string[];
  readonly boards: readonly BoardView[];
  /** In the order of their boards and slots. */
  readonly nodes: readonly NodeView[];
}

export type RunStatus = 'running' | 'cancelling' | RunOutcome;

export interface RunFacts {
  readonly runId: string;
  readonly command: string;
  readonly version: string;
  readonly host: string;
  readonly pid: number;
}

export interface BoardView {
  /** Its name; empty where the configuration has one board alone. */
  readonly name: string;
  readonly address?: string;
  readonly simulated: boolean;
}

export type NodeStatus = 'waiting' | 'running' | 'completed' | 'failed' | 'blocked' | 'aborted';

export interface NodeView {
  readonly nodeId: NodeId;
  /** Name of its board, as in {@link BoardView.name}. */
  readonly board: string;
  readonly hostname: string;
  readonly module?: string;
  readonly os?: string;
  readonly address?: string;
  readonly status: NodeStatus;
  readonly power: Power;
  readonly from?: number;
  readonly to?: number;
  /** Every execution of a phase, in order: a node that is tried again has several of one phase. */
  readonly phases: readonly PhaseView[];
  readonly actions: readonly ActionView[];
  readonly resources: readonly ResourceSpan[];
  readonly failure?: FailureView;
}

/** What the events prove of a node's power: it was switched on or answered, its disk is being written, or nothing. */
export type Power = 'on' | 'switched' | 'unknown';

export type PhaseStatus = 'running' | 'completed' | 'skipped' | 'blocked' | 'failed' | 'aborted';

/** One execution of a phase, or that it was left out. */
export interface PhaseView {
  readonly phase: PhaseName;
  readonly status: PhaseStatus;
  readonly from: number;
  readonly to?: number;
  readonly reason?: PhaseStartReason;
  readonly changes: readonly InputChange[];
  /** Of a phase that was skipped; or of the run before, which crashed. */
  readonly note?: string;
  /** The last that was told while it ran. */
  readonly progress?: Progress;
  /** What people must see, also when the next progress comes at once. */
  readonly warnings: readonly string[];
  readonly failure?: FailureView;
}

export type ActionStatus = 'running' | 'completed' | 'replayed' | 'failed' | 'aborted';

export interface ActionView {
  /** Counted from 0. */
  readonly index: number;
  readonly action: string;
  readonly status: ActionStatus;
  readonly from: number;
  readonly to?: number;
  readonly changed?: boolean;
  readonly note?: string;
  readonly failure?: FailureView;
}

/** A time in which a phase had something alone. */
export interface ResourceSpan {
  readonly resource: StepResource;
  readonly phase: PhaseName;
  readonly from: number;
  readonly to?: number;
  readonly waitedMs: number;
}

export interface FailureView {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly console?: readonly string[];
}

/** Before the first event. */
export const EMPTY_RUN: RunView = { status: 'running', seq: -1, notes: [], boards: [], nodes: [] };
