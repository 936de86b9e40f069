import { definePlugin } from '@turingpi/core/plugin';
import provisioning from '@turingpi/provisioning';
import { LineAction } from './line-action.js';

export { LineAction } from './line-action.js';

export default definePlugin({
  name: 'turingpi-action-line',
  version: '0.1.0',
  requires: [provisioning],
  actions: [LineAction],
});
