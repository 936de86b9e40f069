import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import linuxPlugin from '@turingpi/linux';
import { UbuntuOs } from './ubuntu-os.js';

/** Contributes Ubuntu to the container. */
export const ubuntuPlugin: Plugin = definePlugin({
  name: '@turingpi/os-ubuntu',
  os: [UbuntuOs],
  requires: [linuxPlugin],
});
