import bmcPlugin from '@turingpi/bmc';
import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import { Rk1Driver } from './rk1-driver.js';

export { Rk1Driver } from './rk1-driver.js';

const plugin: Plugin = definePlugin({
  name: '@turingpi/board-rk1',
  boards: [Rk1Driver],
  requires: [bmcPlugin],
});
export default plugin;
