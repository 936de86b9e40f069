import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import provisioningPlugin from '@turingpi/provisioning';
import { AptAction } from './post-install/apt-action.js';

/** What plugins of Linux systems stand on, besides the blocks of this package: they list it in `requires`. */
export const linuxPlugin: Plugin = definePlugin({
  name: '@turingpi/linux',
  requires: [provisioningPlugin],
  actions: [AptAction],
});
