import bmcPlugin from '@turingpi/bmc';
import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import { Cm4Driver } from './cm4-driver.js';

export { Cm4Driver } from './cm4-driver.js';

const plugin: Plugin = definePlugin({
  name: '@turingpi/board-cm4',
  boards: [Cm4Driver],
  requires: [bmcPlugin],
});
export default plugin;
