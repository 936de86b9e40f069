export { type ClusterSummary, type NodeSummary, type PhaseSummary } from './cluster/cluster-summary.js';
export type { Context } from './cluster/context.js';
export { createTuringPi, type CreateTuringPiOptions } from './cluster/create-turing-pi.js';
export { createDeclaredTuringPi, type CreateDeclaredOptions } from './cluster/create-declared-turing-pi.js';
export { inspectPlugins } from './cluster/inspect-plugins.js';
export { type Provision, type RunOptions, TuringPi, type Workflow } from './cluster/turing-pi.js';
export { type BoardId, boardIdOf, isSameBoard } from './board/board-id.js';
export { approveErasure } from './erasure/approve-erasure.js';
export type { EraseApproval, EraseApprover } from './erasure/erase-approval.js';
export { EraseLedger, LEDGER_NAME } from './erasure/erase-ledger.js';
export { ERASE_HINT, type ErasePermit } from './erasure/erase-permit.js';
export type { DiskEvidence, Erasure } from './erasure/erasure.js';
export { LEDGER_VARIABLE, withNamedNodes } from './erasure/judged-ledger.js';
export type { LedgerEntry } from './erasure/ledger-entry.js';
export { ErasureError } from './errors/erasure-error.js';
export { IdentityError } from './errors/identity-error.js';
export { isBlocked } from './errors/is-blocked.js';
export type { InputDigests } from './phase/input-digests.js';
export type { ClusterConfig, NodeConfig } from './config/cluster-config.js';
export { parseByteSize } from './config/byte-size.js';
export type { TuringPiConfig } from './config/config-input.js';
export { parseHost } from './config/host.js';
export { type ConfigFile, loadConfig } from './config/load-config.js';
export { expandHome } from './config/resolve-path.js';
export { ConfigError } from './errors/config-error.js';
export { PhaseError } from './errors/phase-error.js';
export { PluginError } from './errors/plugin-error.js';
export { StateError } from './errors/state-error.js';
export { TuringPiError } from './errors/turing-pi-error.js';
export type { EventListener, PhaseStartReason, Progress, TuringPiEvent } from './event/event.js';
export { makeDirectory } from './filesystem/make-directory.js';
export { type Logger, silentLogger } from './logging/logger.js';
export { createLogger, type CreateLoggerOptions } from './logging/create-logger.js';
export {
  Node1,
  Node2,
  Node3,
  Node4,
  NODE_IDS,
  type NodeId,
  type NodeName,
  nodeName,
} from './node/node-id.js';
export type { Node } from './node/node.js';
export { compareInputs, type InputChange } from './phase/compare-inputs.js';
export {
  type ConfiguredNode,
  type CustomizedImage,
  type InstalledNode,
  PHASES,
  type PhaseName,
  type PhaseStatus,
} from './phase/phase.js';
export type { AdoptedNode, UnknownHostKey } from './plugin/adoption.js';
export { definePlugin, type Plugin } from './plugin/define-plugin.js';
export type {
  DiscoveredPlugin,
  PluginDiscovery,
  PluginFailure,
  PluginSource,
} from './plugin/discover-plugins.js';
export { Secret, type SecretSource } from './secret/secret.js';
export { secretText } from './secret/secret-text.js';
export type { PhaseRecord, StateDocument } from './state/state-document.js';
export {
  declarativeLogin,
  declarativeWorkflow,
  type DeclarativeWorkflowOptions,
} from './workflow/declarative-workflow.js';
export type { ImageModifier } from './workflow/image-modifier.js';
export type { LocalActions, RemoteActions } from './workflow/post-installer-builder.js';
