import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import linux from '@turingpi/linux';
import {
  type ImageBuilder,
  imageBuilderOf,
  type OsInstaller,
  osInstallerOf,
  type OsInstallerOptions,
  type PostInstaller,
  postInstallerOf,
} from '@turingpi/provisioning';
import { NEW_LINUX } from './new-linux-key.js';
import { NewLinuxOs } from './new-linux-os.js';

export { NewLinuxOs } from './new-linux-os.js';

/** Phase 1: makes the image of one node. */
export const newLinuxImage = (): ImageBuilder => imageBuilderOf('new-linux');

/** Phase 2: gets the image onto the node, and waits until it is up. */
export const newLinuxInstaller = (options?: OsInstallerOptions): OsInstaller =>
  osInstallerOf('new-linux', options);

/** Phase 3: finishes the node over SSH. */
export const newLinuxPostInstaller = (): PostInstaller => postInstallerOf('new-linux');

const plugin: Plugin = definePlugin({
  name: 'turingpi-os-new-linux',
  requires: [linux],
  configKeys: [NEW_LINUX],
  os: [NewLinuxOs],
});
export default plugin;
