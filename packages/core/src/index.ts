export type { ClusterSummary, NodeSummary, PhaseSummary } from './cluster/cluster-summary.js';
export type { ImportedRecords, ImportOptions } from './archive/archived-boards.js';
export type { ClusterArchive } from './archive/cluster-archive.js';
export type { RecordFinding } from './archive/verify-records.js';
export type { Context } from './cluster/context.js';
export {
  type BoardNode,
  type BoardPlan,
  BoardSet,
  type BoardSetPlanOptions,
  type BoardSetRunOptions,
} from './cluster/board-set.js';
export type { BoardOfSet } from './cluster/board-of-set.js';
export {
  type BoardSetConfig,
  createBoardSet,
  type CreateBoardSetOptions,
} from './cluster/create-board-set.js';
export { createTuringPi, type CreateTuringPiOptions } from './cluster/create-turing-pi.js';
export {
  type DiscoveredObjects,
  discoverObjects,
  type DiscoverObjectsOptions,
} from './cluster/discover-objects.js';
export { inspectPlugins } from './cluster/inspect-plugins.js';
export type { PlanOptions } from './cluster/node-plans.js';
export {
  type ChosenStateStore,
  stateStoreOpener,
  type StateStoreOpenerOptions,
} from './cluster/state-store-opener.js';
export { TuringPi } from './cluster/turing-pi.js';
export type { NodeHook, NodeHooks } from './cluster/node-hooks.js';
export type { RetryOptions } from './cluster/retry.js';
export type { Provision, RunOptions, Workflow } from './cluster/workflow.js';
export type { RepeatApproval, RepeatedAction } from './phase/action-facts.js';
export type { PhaseLimits, PhaseStage } from './phase/phase-range.js';
export { type BoardId, boardIdOf, isSameBoard } from './board/board-id.js';
export {
  approveErasure,
  EraseLedger,
  LEDGER_NAME,
  ERASE_HINT,
  type ErasePermit,
  type DiskEvidence,
  type Erasure,
  LEDGER_VARIABLE,
  withNamedNodes,
  type LedgerEntry,
  ErasureError,
  TuringPiError,
  type Progress,
  makeDirectory,
  type Logger,
  silentLogger,
  Node1,
  Node2,
  Node3,
  Node4,
  NODE_IDS,
  type NodeId,
  type NodeName,
  nodeName,
  type InputChange,
  parseByteSize,
  parseHost,
  Secret,
  type SecretSource,
} from '@turingpi/foundation';
export type { EraseApproval, EraseApprover } from './erasure/erase-approval.js';
export { IdentityError } from './errors/identity-error.js';
export { isBlocked } from './errors/is-blocked.js';
export type { InputDigests } from './phase/input-digests.js';
export type { ClusterConfig } from './config/cluster-config.js';
export { configOf } from './config/config-keys.js';
export { type BoardInput, hasBoards } from './config/split-boards.js';
export { rankOf } from './config/describe-issues.js';
export type { JumpConfig } from './config/jump-config.js';
export type { NodeConfig } from './config/node-config.js';
export type { TuringPiConfig } from './config/config-input.js';
export type { ConfigFile } from './config/read-config-file.js';
export { expandHome } from './config/resolve-path.js';
export { ConfigError } from './errors/config-error.js';
export { PhaseError } from './errors/phase-error.js';
export { PlanError } from './errors/plan-error.js';
export { PluginError } from './errors/plugin-error.js';
export { RunError } from './errors/run-error.js';
export { StateError } from './errors/state-error.js';
export { approvalOfPlan } from './plan/approved-plan.js';
export { parsePlan } from './plan/parse-plan.js';
export {
  type ClusterPlan,
  PLAN_VERSION,
  type PlanDecision,
  type PlannedActions,
  type PlannedErasure,
  type PlannedError,
  type PlannedNode,
  type PlannedPhase,
} from './plan/cluster-plan.js';
export type { EventListener, PhaseStartReason, TuringPiEvent } from './event/event.js';
export { createLogger, type CreateLoggerOptions } from './logging/create-logger.js';
export type { Node } from './node/node.js';
export { compareInputs } from './phase/compare-inputs.js';
export {
  type ConfiguredNode,
  type CustomizedImage,
  type InstalledNode,
  PHASES,
  type PhaseName,
  type PhaseStatus,
  type RecordedLogin,
  type SecretReference,
} from './phase/phase.js';
export type { AdoptedNode } from './phase/adopted-node.js';
export { definePlugin, type Plugin } from './plugin/define-plugin.js';
export type {
  DiscoveredPlugin,
  PluginDiscovery,
  PluginFailure,
  PluginSource,
} from './plugin/discover-plugins.js';
export { RunCancelled } from './run/run-cancellation.js';
export {
  RUN_SCHEMA_VERSION,
  type RunBoard,
  type RunEvent,
  type RunNode,
  type RunOutcome,
} from './run/run-event.js';
export type { RunOrigin } from './run/run-origin.js';
export { runsDirectoryOf } from './run/run-files.js';
export type { RunRecord } from './run/run-record.js';
export { type PruneRunsOptions, RunStore } from './run/run-store.js';
export { type OpenedPapers, SharedRunStore } from './run/shared-run-store.js';
export { type RunNodeSummary, summarizeRun } from './run/run-summary.js';
export { secretText } from './secret/secret-text.js';
export { FileStateStore, type FileStateStoreOptions } from './state/file-state-store.js';
export { findStateFiles } from './state/find-state-files.js';
export type { JournalEntry } from './state/journal-entry.js';
export type { DistantHolder, DistantLease } from './state/distant-holder.js';
export type { LeasePlace } from './state/lease-entry.js';
export type { Lease, LeaseHolder, LeaseTimings, LeaseWatch, PhaseLease } from './state/lease.js';
export { type RecordedImages, recordedImages } from './state/recorded-images.js';
export type { ClusterState, NodeState, PhaseRecord } from './state/state-document.js';
export type { StateStore } from './state/state-store.js';
