import { definePlugin } from '@turingpi/core/plugin';
import provisioning, { imageBuilderOf, osInstallerOf, postInstallerOf } from '@turingpi/provisioning';
import { DebAction } from './deb-action.js';
import { OpenRcOs } from './openrc-os.js';

/** Phase 1: makes the image of one node. */
export const openRcImage = () => imageBuilderOf('openrc');

/** Phase 2: gets the image onto the node and waits until its default runlevel is reached. */
export const openRcInstaller = (options) => osInstallerOf('openrc', options);

/** Phase 3: finishes the node over SSH. */
export const openRcPostInstaller = (options) => postInstallerOf('openrc', options);

export default definePlugin({
  name: 'turingpi-os-openrc',
  version: '0.1.0',
  requires: [provisioning],
  os: [OpenRcOs],
  actions: [DebAction],
});
