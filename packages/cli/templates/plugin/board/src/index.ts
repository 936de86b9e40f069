import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import provisioning from '@turingpi/provisioning';
import { NewModuleBoard } from './new-module-board.js';
import { NEW_MODULE } from './new-module-key.js';

export { NewModuleBoard } from './new-module-board.js';

const plugin: Plugin = definePlugin({
  name: 'turingpi-board-new-module',
  requires: [provisioning],
  configKeys: [NEW_MODULE],
  boards: [NewModuleBoard],
});
export default plugin;
