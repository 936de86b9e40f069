import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import linuxPlugin from '@turingpi/linux';
import { DebianOs } from './debian-os.js';

/** Contributes Debian to the container. */
export const debianPlugin: Plugin = definePlugin({
  name: '@turingpi/os-debian',
  os: [DebianOs],
  requires: [linuxPlugin],
});
