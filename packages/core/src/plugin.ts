export { CleanupStack } from './cleanup/cleanup-stack.js';
export type { Context } from './cluster/context.js';
export { type BoardId, boardIdOf, isSameBoard } from './board/board-id.js';
export { approveErasure } from './erasure/approve-erasure.js';
export { makeDirectory } from './filesystem/make-directory.js';
export { EraseLedger } from './erasure/erase-ledger.js';
export { assertPermit, type ErasePermit } from './erasure/erase-permit.js';
export type { DiskEvidence, Erasure } from './erasure/erasure.js';
export {
  type JudgedLine,
  LEDGER_VARIABLE,
  type NamedNodes,
  type NamedNodesEnd,
  withNamedNodes,
} from './erasure/judged-ledger.js';
export type { LedgerEntry } from './erasure/ledger-entry.js';
export type { Answerer } from './erasure/node-erasure.js';
export { ErasureError } from './errors/erasure-error.js';
export { IdentityError } from './errors/identity-error.js';
export type {
  BmcConfig,
  ClusterConfig,
  NetworkDefaults,
  NodeConfig,
  SshConfig,
} from './config/cluster-config.js';
export { createToken, inject, injectable, injectAll, type Token } from './di/di.js';
export { CLUSTER_CONFIG, LOGGER } from './di/tokens.js';
export { ConfigError } from './errors/config-error.js';
export { PhaseError } from './errors/phase-error.js';
export { PluginError } from './errors/plugin-error.js';
export { TuringPiError, type TuringPiErrorOptions } from './errors/turing-pi-error.js';
export type { EventListener, PhaseStartReason, Progress, TuringPiEvent } from './event/event.js';
export { type Logger, silentLogger } from './logging/logger.js';
export type { BmcCredentials, Credentials, SshCredentials } from './node/credentials.js';
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
export { type ModuleId } from './node/module-id.js';
export type { Node } from './node/node.js';
export { hashInputs } from './phase/canonical-json.js';
export { compareInputs, type InputChange } from './phase/compare-inputs.js';
export type {
  Journal,
  JournaledPhaseStep,
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
} from './phase/phase.js';
export type {
  BoardDriver,
  BoardOperation,
  ImageStream,
  InstallableImage,
  InstallationRequest,
  InstallationStrategy,
} from './plugin/board-driver.js';
export {
  definePlugin,
  type Injectable,
  isPlugin,
  type Plugin,
  PLUGIN_API_VERSION,
  type PluginDefinition,
  type ServiceRegistration,
} from './plugin/define-plugin.js';
export type { AdoptedNode, AdoptionRequest, UnknownHostKey } from './plugin/adoption.js';
export type { EndedRun } from './plugin/ended-run.js';
export type { OsDriver } from './plugin/os-driver.js';
export type { OsSettingProblem, OsSettings } from './plugin/os-settings.js';
export { readSecret, type ReadSecretOptions } from './secret/read-secret.js';
export { Secret, type SecretSource } from './secret/secret.js';
export type { NodeGenerations } from './state/node-generations.js';
export type { FirstBootCredentials } from './workflow/first-boot-credentials.js';
export type { BaseImageSource, ImageBuilder } from './workflow/image-builder.js';
export type { ImageFileOptions, ImageFileStat, ImageModifier } from './workflow/image-modifier.js';
export type { NetworkConfig } from './workflow/network-config.js';
export type {
  FirstLoginOptions,
  GenericInstallConfig,
  OsInstallerBuilder,
  OsInstallerOptions,
  UseImageOptions,
} from './workflow/os-installer-builder.js';
export type {
  CommandResult,
  JournalRecord,
  LocalActions,
  PostInstallCallback,
  PostInstallerBuilder,
  RemoteActions,
  RunCommandOptions,
} from './workflow/post-installer-builder.js';
