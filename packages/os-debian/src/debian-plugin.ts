import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import provisioningPlugin from '@turingpi/provisioning';
import { DebianOs } from './debian-os.js';

/** Contributes Debian to the container. */
export const debianPlugin: Plugin = definePlugin({
  name: '@turingpi/os-debian',
  os: [DebianOs],
  requires: [provisioningPlugin],
});
