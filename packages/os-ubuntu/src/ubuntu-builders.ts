import {
  type ImageBuilder,
  imageBuilderOf,
  type OsInstaller,
  osInstallerOf,
  type OsInstallerOptions,
  type PostInstaller,
  postInstallerOf,
  type PostInstallerOptions,
} from '@turingpi/provisioning';

const OS = 'ubuntu';

/** Phase 1: makes the Ubuntu image of one node. */
export function ubuntuImage(): ImageBuilder {
  return imageBuilderOf(OS);
}

/** Phase 2: gets the image onto the node and waits until the node is really up. */
export function ubuntuOsInstaller(options?: OsInstallerOptions): OsInstaller {
  return osInstallerOf(OS, options);
}

/** Phase 3: finishes the node over SSH. */
export function ubuntuPostInstaller(options?: PostInstallerOptions): PostInstaller {
  return postInstallerOf(OS, options);
}
