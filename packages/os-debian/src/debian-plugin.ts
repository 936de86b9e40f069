import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import imagePlugin from '@turingpi/image/customization';
import runtimePlugin from '@turingpi/runtime';
import { DebianOs } from './debian-os.js';

/** Contributes Debian to the container. */
export const debianPlugin: Plugin = definePlugin({
  name: '@turingpi/os-debian',
  os: [DebianOs],
  requires: [imagePlugin, runtimePlugin],
});
