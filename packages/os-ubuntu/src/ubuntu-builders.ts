import type {
  ImageBuilder,
  OsInstallerBuilder,
  OsInstallerOptions,
  PostInstallerBuilder,
  PostInstallerOptions,
} from '@turingpi/provisioning';
import {
  LinuxImageBuilder,
  LinuxOsInstallerBuilder,
  LinuxPostInstallerBuilder,
  toolboxOf,
} from '@turingpi/linux';

const toolbox = toolboxOf('ubuntu');

/** Phase 1: makes the Ubuntu image of one node. */
export function ubuntuImage(): ImageBuilder {
  return new LinuxImageBuilder(toolbox);
}

/** Phase 2: gets the image onto the node and waits until the node is really up. */
export function ubuntuOsInstaller(options?: OsInstallerOptions): OsInstallerBuilder {
  return new LinuxOsInstallerBuilder(toolbox, options);
}

/** Phase 3: finishes the node over SSH. */
export function ubuntuPostInstaller(options?: PostInstallerOptions): PostInstallerBuilder {
  return new LinuxPostInstallerBuilder(toolbox, options);
}
