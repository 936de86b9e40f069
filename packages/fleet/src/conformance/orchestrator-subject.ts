import type { BoardSteps } from '../orchestrator/board-steps.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';

/** An agent, as one case of the suite needs it. */
export interface SubjectAgent {
  readonly id: string;
  readonly site: string;
  readonly steps: BoardSteps;
}

/** An orchestrator that some agents serve; disposed when the case ends, its agents with it. */
export interface OpenedOrchestrator extends AsyncDisposable {
  readonly orchestrator: Orchestrator;
}

/** What the suite for orchestrators is run on. */
export interface OrchestratorSubject {
  /** A fresh orchestrator: it knows of no rollout. */
  open(agents: readonly SubjectAgent[]): Promise<OpenedOrchestrator>;
}
