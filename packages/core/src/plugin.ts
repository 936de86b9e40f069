export {
  docsPage,
  CleanupStack,
  approveErasure,
  makeDirectory,
  EraseLedger,
  assertPermit,
  type ErasePermit,
  type DiskEvidence,
  type Erasure,
  type JudgedLine,
  LEDGER_VARIABLE,
  type NamedNodes,
  type NamedNodesEnd,
  withNamedNodes,
  type LedgerEntry,
  ErasureError,
  type ErrorCategory,
  TuringPiError,
  type TuringPiErrorOptions,
  type Progress,
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
  type ImageStream,
  Secret,
  type SecretSource,
} from '@turingpi/foundation';
export type { Context } from './cluster/context.js';
export { type BoardId, boardIdOf, isSameBoard } from './board/board-id.js';
export type { Answerer } from './erasure/disk-evidence.js';
export { IdentityError } from './errors/identity-error.js';
export type { BmcConfig, ClusterConfig, NetworkDefaults, SshConfig } from './config/cluster-config.js';
export type { JumpConfig } from './config/jump-config.js';
export type { NodeConfig } from './config/node-config.js';
export { createToken, type Token } from './di/di.js';
export { inject, injectable } from './di/injectable.js';
export { CLUSTER_CONFIG, LOGGER, BOARD_IDENTIFICATION, EXTENSIONS } from './di/tokens.js';
export { ConfigError } from './errors/config-error.js';

export { PhaseError } from './errors/phase-error.js';
export { PlanError } from './errors/plan-error.js';
export { PluginError } from './errors/plugin-error.js';
export type { EventListener, PhaseStartReason, TuringPiEvent } from './event/event.js';
export type { Credentials, SshCredentials } from './node/credentials.js';
export type { ModuleId } from './node/module-id.js';
export type { Node } from './node/node.js';
export { hashInputs } from './phase/canonical-json.js';
export { compareInputs } from './phase/compare-inputs.js';
export type { ActionFacts, RepeatApproval, RepeatedAction } from './phase/action-facts.js';
export type {
  Journal,
  JournaledPhaseStep,
  StepResource,
  HeldResource,
  PhaseEnvironment,
  PhaseStep,
  Standing,
} from './phase/phase-step.js';
export {
  type ConfiguredNode,
  type CustomizedImage,
  type InstalledNode,
  type JsonValue,
  type NamedInputs,
  PHASES,
  type PhaseName,
  type PhaseOutputs,
  type PhaseStatus,
  type RecordedLogin,
  type SecretReference,
} from './phase/phase.js';
export {
  definePlugin,
  type Injectable,
  isPlugin,
  type Plugin,
  PLUGIN_API_VERSION,
  type PluginDefinition,
  type ServiceRegistration,
  type PluginServices,
  type StartedPlugin,
} from './plugin/define-plugin.js';
export type { PluginDiscovery } from './plugin/discover-plugins.js';
export type { AdoptedNode } from './phase/adopted-node.js';
export { NotForeseeable } from './plan/not-foreseeable.js';
export type { EndedRun } from './plugin/ended-run.js';
export {
  type LiveRunEvent,
  RUN_SCHEMA_VERSION,
  type RunBoard,
  type RunEvent,
  type RunEventListener,
  type RunNode,
  type RunOutcome,
} from './run/run-event.js';
export { RunError } from './errors/run-error.js';
export { runsDirectoryOf } from './run/run-files.js';
export type { RunRecord } from './run/run-record.js';
export { type PruneRunsOptions, RunStore } from './run/run-store.js';
export { type RunNodeSummary, summarizeRun } from './run/run-summary.js';
export { readSecret, type ReadSecretOptions } from './secret/read-secret.js';
export type { NodeGenerations } from './state/node-generations.js';
export { type JournalEntry, journalEntrySchema } from './state/journal-entry.js';
export { leaseHeld, leaseLost, MEANWHILE, SOMEBODY } from './state/lease-errors.js';
export type { DistantHolder, DistantLease, DistantPhaseLease } from './state/distant-holder.js';
export { type LeasePlace, leaseResource } from './state/lease-entry.js';
export { holderOf, type LeaseSigner, lifeOf, signatureOf, type SignedWith } from './state/lease-owner.js';
export { newInstance } from './state/held-leases.js';
export { secretsUnreadable } from './state/parse-node-secrets.js';
export { readRecords } from './state/parse-state.js';
export type { KeptLog, SharedLog, SharedPapers } from './state/shared-papers.js';
export type { SharedText } from './state/shared-text.js';
export { ChangeFeed, type ChangeFeedParts } from './state/change-feed.js';
export { type LeaseServer, ServedLease, type ServedLeaseParts } from './state/served-lease.js';
export { StateError } from './errors/state-error.js';
export { standingInstallation } from './state/standing-installation.js';
export {
  type Lease,
  type LeaseHolder,
  type LeaseTimings,
  type LeaseWatch,
  type PhaseLease,
  phaseResource,
} from './state/lease.js';
export type { RecordedImages } from './state/recorded-images.js';
export { STATE_VERSION } from './state/state-document.js';
export type {
  BoardRecord,
  ClusterState,
  NodeState,
  PhaseOwner,
  PhaseRecord,
} from './state/state-document.js';
export type {
  AcquireOptions,
  NodeChange,
  PhaseClaim,
  RecordChange,
  RecordedChange,
  StateStore,
} from './state/state-store.js';
export { STATE_STORES, type StateStoreDriver, type StateStoreRequest } from './state/state-stores.js';
export {
  type ConfigFile,
  type PrepareInput,
  readConfigFile,
  type WrittenAt,
} from './config/read-config-file.js';
export type { BoardIdentification } from './board/board-identification.js';

export * from './plugin/contributions.js'; // as a whole: an interface that others add to
export * from './config/contributed-config.js'; // the same
export {
  defineExtensionPoint,
  type Extension,
  type ExtensionPoint,
  type Extensions,
} from './plugin/extension-point.js';

export type { ConfigKey } from './config/config-key.js';
export { CONFIG_KEYS, configOf, defineConfigKey } from './config/config-keys.js';
export type { SchemaIssue, SchemaResult, StandardSchema } from './config/standard-schema.js';
export { checkSchema } from './config/check-config-keys.js';
export { configJsonSchema } from './config/config-json-schema.js';
export type { JsonSchema } from './config/json-schema-of.js';
export { type ConfigIssue, describeIssues, unknownKey } from './config/describe-issues.js';
export { didYouMean, nearName } from './config/near-name.js';
export { IN_PLAIN_WORDS } from './config/plain-words.js';

export { configInvalid, type ConfigOrigin, mergedConfigError } from './config/config-invalid.js';
export type { ParseConfigOptions } from './config/parse-config.js';
export { examineBoards } from './config/examine-boards.js';
export type { BoardInput, SplitBoards } from './config/split-boards.js';
export { resolvePath } from './config/resolve-path.js';
export { salvageInput } from './config/salvage-input.js';
export { localPath, secretSource } from './config/written-values.js';
export {
  type ExaminedCluster,
  examineCluster,
  type ExamineClusterOptions,
  hintOf,
  maybeOf,
  missable,
} from './cluster/examine-cluster.js';
export { createTuringPi, type CreateTuringPiOptions, examineDrivers } from './cluster/create-turing-pi.js';
export { resolveNode } from './cluster/resolve-node.js';
export type { TuringPi } from './cluster/turing-pi.js';
export type { NodeHook, NodeHooks } from './cluster/node-hooks.js';
export type { Workflow } from './cluster/workflow.js';
export { registryOf } from './cluster/wire-plugins.js';
export type { TuringPiConfig } from './config/config-input.js';
export type { PluginRegistry } from './plugin/plugin-registry.js';
export { examineSecret } from './secret/examine-secret.js';

export type { InPlaceAnswer, InPlaceChange, InPlaceQuestion, TriedSettings } from './phase/in-place.js';
export type { StandingNode } from './cluster/context.js';
