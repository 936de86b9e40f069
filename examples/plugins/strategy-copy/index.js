import { definePlugin } from '@turingpi/core/plugin';
import provisioning from '@turingpi/provisioning';
import { CopyStrategy } from './copy-strategy.js';

export { CopyStrategy } from './copy-strategy.js';

export default definePlugin({
  name: 'turingpi-strategy-copy',
  version: '0.1.0',
  requires: [provisioning],
  strategies: [CopyStrategy],
});
