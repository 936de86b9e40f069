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

const toolbox = toolboxOf('debian');

/** Phase 1: makes the Debian image of one node. */
export function debianImage(): ImageBuilder {
  return new LinuxImageBuilder(toolbox);
}

/** Phase 2: gets the image onto the node and waits until the node is really up. */
export function debianOsInstaller(options?: OsInstallerOptions): OsInstallerBuilder {
  return new LinuxOsInstallerBuilder(toolbox, options);
}

/** Phase 3: finishes the node over SSH. */
export function debianPostInstaller(options?: PostInstallerOptions): PostInstallerBuilder {
  return new LinuxPostInstallerBuilder(toolbox, options);
}
