/** What the page of a fleet shows: one picture of all of it, which the next one replaces. Times are ISO 8601. */
export interface FleetView {
  readonly fleet: string;
  /** When it was looked at; missing before the first look. */
  readonly at?: string;
  readonly engine?: FleetEngineView;
  /** Why it is older than it should be: nobody could be asked since. */
  readonly problem?: string;
  /** The newest first. */
  readonly rollouts: readonly RolloutView[];
  readonly sites: readonly SiteView[];
}

/** What carries the rollouts. */
export interface FleetEngineView {
  readonly name: string;
  /** Address of a page of its own. */
  readonly page?: string;
}

export type FleetBoardState =
  'idle' | 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled' | 'not started';

export interface RolloutView {
  readonly id: string;
  readonly state: 'running' | 'completed' | 'failed' | 'stopped' | 'cancelled';
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** How many boards at a time. */
  readonly atOnce?: number;
  /** In the order in which they begin. */
  readonly boards: readonly {
    readonly board: string;
    readonly site: string;
    readonly state: FleetBoardState;
  }[];
  /** Where the engine's own page shows it. */
  readonly page?: string;
}

export interface SiteView {
  readonly site: string;
  /** It takes nothing new. */
  readonly draining: boolean;
  readonly agents: readonly AgentView[];
  readonly boards: readonly FleetBoardView[];
}

export interface AgentView {
  readonly agent: string;
  /** Whether it gave a sign of life within the time in which one is expected. */
  readonly alive: boolean;
  readonly seenAt: string;
}

/** A board, as the newest rollout that it is part of has left it. */
export interface FleetBoardView {
  readonly board: string;
  readonly state: FleetBoardState;
  /** Id of that rollout. */
  readonly rollout?: string;
  readonly nodes: readonly FleetNodeView[];
  readonly page?: string;
}

export interface FleetNodeView {
  readonly node: number;
  readonly state: FleetBoardState;
  /** The step that runs, or that it ended with, in one word. */
  readonly step?: string;
  readonly failure?: FleetFailureView;
}

/** Why a step failed. A node that runs tries it again. */
export interface FleetFailureView {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}
