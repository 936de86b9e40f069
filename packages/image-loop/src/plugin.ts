import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import { LazyImageBackend } from '@turingpi/image/customization';
import provisioningPlugin from '@turingpi/provisioning';

const backend = new LazyImageBackend('loop', 10, async () => {
  const { LoopBackend } = await import('./loop-backend.js');
  return new LoopBackend();
});

/** Contributes a loop mount of this host as an image backend. */
const plugin: Plugin = definePlugin({
  name: '@turingpi/image-loop',
  requires: [provisioningPlugin],
  imageBackends: [backend],
});
export default plugin;
