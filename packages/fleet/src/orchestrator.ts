/** What an orchestrator of a fleet is: data, contract, and the decisions that all engines share. Loads nothing heavy. */
export {
  type BoardSteps,
  type NodePlan,
  type PlannedDisk,
  type PlanTask,
  type StepContext,
  type StepFailure,
  type StepName,
  STEPS,
  type StepProgress,
  type StepResult,
  type StepTask,
} from './orchestrator/board-steps.js';
export type {
  DemoServer,
  DemoServerRequest,
  FleetAgentRequest,
  FleetEngine,
  FleetEngineRequest,
  FleetWorkers,
} from './engine/fleet-engine.js';
export type {
  FleetObserver,
  FleetObserverRequest,
  ObservedFleet,
  ObservedStep,
} from './observer/fleet-observer.js';
export { FleetError } from './orchestrator/fleet-error.js';
export type { FleetEvent, FleetHappening } from './orchestrator/fleet-event.js';
export type {
  AgentStatus,
  BoardState,
  BoardStatus,
  FleetStatus,
  NodeStatus,
  RolloutOutcome,
  RolloutStatus,
} from './orchestrator/fleet-status.js';
export type { EngineLinks, Orchestrator } from './orchestrator/orchestrator.js';
export type {
  RetryPolicy,
  Rollout,
  RolloutBoard,
  RolloutNode,
  RolloutPolicy,
  RolloutWindow,
  Site,
  SiteLimits,
} from './orchestrator/rollout.js';
export type { ApprovalStatement, SignedApproval } from './orchestrator/signed-approval.js';
export { stepFailureOf } from './orchestrator/step-failure.js';
export { checkRollout, isRolloutId } from './rollout/check-rollout.js';
export {
  type BoardProgress,
  beginnable,
  outcomeOf,
  type RolloutSurroundings,
  stateOfBoard,
} from './rollout/rollout-decisions.js';
export { statusOfRollout } from './rollout/status-of-rollout.js';
export { isOpen, opensAt } from './rollout/rollout-windows.js';
export { retryDelayMs } from './rollout/retry-delay.js';
