import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import provisioningPlugin from '@turingpi/provisioning';
import { NetworkStrategy } from './strategy/network-strategy.js';

export { NetworkInstallError } from './network-install-error.js';
export { NetworkStrategy } from './strategy/network-strategy.js';

/** Contributes the strategy `network` for boards that it knows. */
const plugin: Plugin = definePlugin({
  name: '@turingpi/install-network',
  requires: [provisioningPlugin],
  strategies: [NetworkStrategy],
});
export default plugin;
