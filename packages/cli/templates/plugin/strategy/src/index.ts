import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import provisioning from '@turingpi/provisioning';
import { NEW_WAY } from './new-way-key.js';
import { NewWayStrategy } from './new-way-strategy.js';

export { NewWayStrategy } from './new-way-strategy.js';

const plugin: Plugin = definePlugin({
  name: 'turingpi-strategy-new-way',
  requires: [provisioning],
  configKeys: [NEW_WAY],
  strategies: [NewWayStrategy],
});
export default plugin;
