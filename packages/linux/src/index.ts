export { LinuxOs } from './driver/linux-os.js';
export { AccountDatabase, type PasswdEntry } from './account/account-database.js';
export {
  applyFirstUser,
  type FirstUser,
  type FirstUserOptions,
  type MadeUser,
} from './account/first-user.js';
export { writeSudoers } from './account/sudo.js';
export { authorizeKeys, renderAuthorizedKeys } from './account/authorized-keys.js';
export { checkPassword, hashPassword } from './account/password-hash.js';
export { checkAccountIsFree, checkUsername } from './account/username.js';
export {
  instanceIdOf,
  renderMetaData,
  renderUserData,
  type SeedSettings,
  writeSeed,
} from './cloud-init/seed.js';
export { checkFit } from './detection/check-fit.js';
export { detectImage } from './detection/detect-image.js';
export type {
  BoardFamily,
  CloudInitState,
  DetectedImage,
  Distribution,
  ImageFamily,
  ImagePartition,
  ImagePartitions,
  NetworkStack,
  NetworkStackState,
  SeedPlace,
} from './detection/detected-image.js';
export { explainImage, type ImageFinding } from './detection/explain-image.js';
export { readPartitions } from './detection/read-partitions.js';
export {
  applyFirstBootWork,
  type FirstBootWork,
  renderFirstBootScript,
} from './first-boot/first-boot-service.js';
export { checkHostname, renderHostsFile } from './hostname/hostname.js';
export { setHostname } from './hostname/set-hostname.js';
export { customizeImage, type Customization, type CustomizationResult } from './image/customize-image.js';
export { type LinuxImage, linuxImageOf, type ReadLinuxImage } from './image/linux-image.js';
export { RECIPE } from './image/recipe.js';
export { applyLinux, type LinuxParts } from './image/apply-linux.js';
export { type LinuxPlan, planLinux } from './image/linux-plan.js';
export { type ConsoleDiagnosis, diagnoseConsole } from './installer/diagnose-console.js';
export { LinuxError, type LinuxErrorCode } from './linux-error.js';
export { applyLocale, applyTimezone, renderKeyboard } from './locale/locale.js';
export { applyNetwork } from './network/apply-network.js';
export { renderIfupdown } from './network/ifupdown.js';
export { renderCloudNetworkConfig, renderNetplan } from './network/netplan.js';
export { type Keyfile, renderKeyfiles } from './network/network-manager.js';
export { type InterfaceMatch, type NetworkPlan, planNetwork } from './network/network-plan.js';
export { type NetworkdFile, renderNetworkd } from './network/networkd.js';
export { linuxPlugin as default } from './linux-plugin.js';
export * from './account/authorized-keys-action.js'; // as a whole: it adds to an interface
export * from './account/group-action.js'; // as a whole: it adds to an interface
export * from './account/sudoers-action.js'; // as a whole: it adds to an interface
export * from './account/user-action.js'; // as a whole: it adds to an interface
export * from './facts/facts-action.js'; // as a whole: it adds to an interface
export * from './hostname/hostname-action.js'; // as a whole: it adds to an interface
export * from './kernel/sysctl-action.js'; // as a whole: it adds to an interface
export * from './locale/locale-action.js'; // as a whole: it adds to an interface
export * from './locale/timezone-action.js'; // as a whole: it adds to an interface
export * from './post-install/apt-remove-action.js'; // as a whole: it adds to an interface
export * from './post-install/apt-repository-action.js'; // as a whole: it adds to an interface
export * from './post-install/apt-upgrade-action.js'; // as a whole: it adds to an interface
export * from './storage/format-action.js'; // as a whole: it adds to an interface
export * from './storage/mount-action.js'; // as a whole: it adds to an interface
export * from './systemd/service-action.js'; // as a whole: it adds to an interface
export * from './systemd/unit-action.js'; // as a whole: it adds to an interface
export { AptAction } from './post-install/apt-action.js';
export type { AptSource } from './post-install/apt-source.js';
export type { WantedService } from './systemd/service-state.js';
export {
  type FactName,
  type KnownFact,
  type NodeEvidence,
  nodeRecord,
  type NodeRecord,
  type PhaseTimes,
} from './facts/node-record.js';
export { readFacts } from './facts/read-facts.js';
export type { DiskFacts, InterfaceFacts, NodeFacts } from './facts/node-facts.js';
export type { FirstUserProfile, LinuxProfile } from './profile/linux-profile.js';
export { writeHostKeys } from './ssh/host-keys.js';
export { applySshServer, renderSshdDropIn, type SshServerSettings } from './ssh/ssh-server.js';
export { disableUnit, enableUnit, isUnitEnabled, maskUnit, unitExists } from './systemd/units.js';
