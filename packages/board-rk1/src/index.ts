import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import provisioningPlugin from '@turingpi/provisioning';
import { Rk1Driver } from './rk1-driver.js';

export { Rk1Driver } from './rk1-driver.js';

const plugin: Plugin = definePlugin({
  name: '@turingpi/board-rk1',
  boards: [Rk1Driver],
  requires: [provisioningPlugin],
});
export default plugin;
