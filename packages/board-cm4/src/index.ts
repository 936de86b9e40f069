import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import provisioningPlugin from '@turingpi/provisioning';
import { Cm4Driver } from './cm4-driver.js';

export { Cm4Driver } from './cm4-driver.js';
export {
  DEFAULT_RPIBOOT_TIMINGS,
  installOverUsb,
  type RpibootParts,
  type RpibootTimings,
} from './rpiboot-installation.js';

const plugin: Plugin = definePlugin({
  name: '@turingpi/board-cm4',
  boards: [Cm4Driver],
  requires: [provisioningPlugin],
});
export default plugin;
