import { definePlugin } from '@turingpi/core/plugin';
import { rackCommand } from './rack-command.js';
import { RACK } from './rack-key.js';

export { rackCommand } from './rack-command.js';
export { RACK } from './rack-key.js';

export default definePlugin({
  name: 'turingpi-rack',
  version: '0.1.0',
  configKeys: [RACK],
  commands: [rackCommand],
});
