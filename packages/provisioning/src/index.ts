export { ACTIONS, actionsOf } from './action/actions.js';
export type { BlockInFileInput } from './action/block-in-file-action.js';
export { fileOwner } from './action/file-owner.js';
export type { LineInFileInput } from './action/line-in-file-action.js';
export { type ChangeResult, LookingAction, type PendingChange } from './action/looking-action.js';
export type { MkdirInput } from './action/mkdir-action.js';
export { nodePath } from './action/node-path.js';
export type {
  ActionEnvironment,
  ActionInputEnvironment,
  ActionMethod,
  ActionPreview,
  NamedLocalFile,
  PostInstallAction,
} from './action/post-install-action.js';
export type { RemoveOptions } from './action/remove-action.js';
export type { RunCommandOptions, RunOnNodeOptions } from './action/run-command-options.js';
export type { SymlinkInput } from './action/symlink-action.js';
export type { TemplateInput } from './action/template-action.js';
export type { Awaited, WaitForInput } from './action/wait-for-action.js';
export type { WriteOptions } from './action/write-action.js';
export { adoptNode } from './adoption/adopt-node.js';
export type { AdoptionRequest, UnknownHostKey } from './adoption/adoption.js';
export {
  type Artifact,
  ARTIFACT_STORES,
  type ArtifactStore,
  type ArtifactStoreDriver,
  type ArtifactStoreRequest,
  type TransferOptions,
} from './artifact/artifact-store.js';
export { BmcBoardDriver } from './board/bmc-board-driver.js';
export type {
  BoardDriver,
  BoardOperation,
  InstallableImage,
  InstallationRequest,
  InstallationStrategy,
  PowerOnOperation,
  StrategySlot,
  WantedInstallation,
} from './board/board-driver.js';
export { boardOf, BOARDS } from './board/boards.js';
export type { RecordedDisk, SeenDisk } from './installation/seen-disks.js';
export type { BaseImageCatalog, CatalogImage } from './catalog/base-image-catalog.js';
export { sourceOf } from './catalog/source-of.js';
export {
  fetchGithubKeys,
  type FetchGithubKeysOptions,
  GITHUB_KEYS_FILE,
  type GithubKeys,
} from './credential/github-keys.js';
export { namedGithubUsers } from './workflow/named-github-users.js';
export { loadCatalog, OWN_CATALOG } from './catalog/load-catalog.js';
export { ConfiguredImageEngine } from './image/configured-image-engine.js';
export { IMAGE_BACKENDS } from './image/image-backends.js';
export { ConfiguredBmcClient } from './board/configured-bmc-client.js';
export type { FirstBootCredentials } from './image/first-boot-credentials.js';
export { type CredentialPlan, planCredentials } from './credential/credential-plan.js';
export { makePasswordSalt } from './credential/password-salt.js';
export { credentialInputs, imageInputs, type ImageRequirements } from './generation/image-inputs.js';
export {
  INSTALLATION_RECORD,
  type InstallationRecord,
  renderInstallationRecord,
  writeInstallationRecord,
} from './generation/installation-record.js';
export { ImageBuilder, imageBuilderOf } from './image/image-builder.js';
export type { NetworkConfig } from './image/network-config.js';
export { isHashedPassword, isUnusableHash } from './credential/hashed-password.js';
export { keyedDigest } from './credential/keyed-digest.js';
export { readSecretSource, type SecretPlace, secretPlaceOf } from './credential/read-secret-source.js';
export {
  describeHostFirewall,
  type FirewallSources,
  type HostFirewall,
  readHostFirewall,
} from './firewall/host-firewall.js';
export { networkOfNode } from './image/network-of-node.js';
export { type BlockEdit, blockInText } from './file-edit/block-in-text.js';
export { type LineEdit, lineInText } from './file-edit/line-in-text.js';
export type { FirstLogin } from './installation/first-login.js';
export { isInstallationRunning, type RecordedInstallation } from './installation/is-installation-running.js';
export { OsInstaller, osInstallerOf } from './installation/os-installer.js';
export type {
  FirstLoginOptions,
  GenericInstallConfig,
  OsInstallerOptions,
  UseImageOptions,
} from './installation/os-installer-options.js';
export {
  type ContributedStrategy,
  STRATEGIES,
  strategiesFor,
  strategyNamed,
} from './installation/strategies.js';
export {
  assertIsNode,
  connectNode,
  nodeTargetOf,
  type ConnectNodeOptions,
  type NodeTarget,
} from './login/connect-node.js';
export { type InventoryJump, type InventoryNode, inventoryNode } from './inventory/inventory-node.js';
export { type KnownHost, renderKnownHosts } from './inventory/known-hosts.js';
export {
  INVENTORY_FORMATS,
  type InventoryFormat,
  type InventoryOptions,
  renderInventory,
} from './inventory/render-inventory.js';
export { authenticationFor, type NodeLogin, sshTargetFor, wayTo } from './login/node-login.js';
export { readLogin, type ReadLogin, recordLogin, type StatedLogin } from './login/recorded-login.js';
export { assertCommandsPossible, takesCommands } from './os/commands-possible.js';
export { editedFile, type FileEdit } from './node-file/edit-node-file.js';
export { fileChange, type WantedFile } from './node-file/file-change.js';
export { isPublic, lookAtPath, type NodeFile } from './node-file/node-file.js';
export { textDiff } from './node-file/text-diff.js';
export type { TemplateValues } from './template/render-template.js';
export { OPERATING_SYSTEMS, operatingSystemOf } from './os/operating-systems.js';
export type { NodeAccess, OperatingSystem } from './os/operating-system.js';
export type { AppliedSystem, ApplyEnvironment, ImageNotice, SystemSecrets } from './os/applied-system.js';
export type { NodeAnswer, NodeQuestion, ReadinessRequest } from './os/readiness.js';
export type {
  DerivedAction,
  ReconfigurationRequest,
  SettingChange,
  SettingsInPlace,
} from './reconfiguration/reconfiguration.js';
export type { ShippedLogin, SystemLogin } from './os/system-login.js';
export type { SystemRequest } from './os/system-request.js';
export type { OsSettingProblem, OsSettings } from './os/os-settings.js';
export * from './post-install/local-actions.js'; // as a whole: an interface that others add to
export { onNode, previewOnNode } from './post-install/on-node.js';
export type { PreviewedAction } from './post-install/previewed-action.js';
export { PostInstaller, postInstallerOf } from './post-install/post-installer.js';
export type {
  PerformAction,
  PostInstallCallback,
  PostInstallerOptions,
} from './post-install/post-install-callback.js';
export * from './post-install/remote-actions.js'; // as a whole, too
export { provisioningPlugin as default } from './provisioning-plugin.js';
export { ProvisioningError, type ProvisioningErrorCode } from './provisioning-error.js';
export {
  BMC_CLIENT,
  IMAGE_ENGINE,
  LOCAL_RUNTIME,
  NETWORK_LIMITS,
  NODE_ADDRESSES,
  SSH_RUNTIME,
  USB_HOST,
} from './services/tokens.js';
export type { NetworkLimits } from './address/network-limits.js';
export type { NodeAddresses } from './address/node-addresses.js';
export type { NetworkBegin, NetworkDifference, NetworkInPlace } from './reconfiguration/network-in-place.js';
export { createDeclaredTuringPi, type CreateDeclaredOptions } from './workflow/create-declared-turing-pi.js';
export { declaredJsonSchema } from './workflow/declared-json-schema.js';
export { declarativeWorkflowSchema } from './workflow/declarative-schema.js';
export {
  type DeclaredCluster,
  declarativeDrift,
  declarativeLogin,
  declarativeWorkflow,
  type DeclarativeWorkflowOptions,
} from './workflow/declarative-workflow.js';
export { declarativeHooks } from './workflow/declarative-hooks.js';
export { fileMode } from './workflow/file-mode.js';
export { notedBoard } from './preflight/check-modules.js';
export { preflight, type PreflightOptions } from './preflight/preflight.js';
export type { PreflightFinding } from './preflight/preflight-finding.js';
export { examineDeclared, type ExamineDeclaredOptions } from './workflow/examine-declared.js';
export { loadConfig } from './workflow/load-config.js';
export type { DriftedPart } from './drift/drifted-part.js';
export { driftOfNode } from './drift/node-drift.js';
