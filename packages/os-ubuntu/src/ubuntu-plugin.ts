import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import imagePlugin from '@turingpi/image/customization';
import runtimePlugin from '@turingpi/runtime';
import { UbuntuOs } from './ubuntu-os.js';

/** Contributes Ubuntu to the container. */
export const ubuntuPlugin: Plugin = definePlugin({
  name: '@turingpi/os-ubuntu',
  os: [UbuntuOs],
  requires: [imagePlugin, runtimePlugin],
});
