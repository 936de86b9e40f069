import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import { LazyImageBackend } from '@turingpi/image/customization';
import provisioningPlugin from '@turingpi/provisioning';

const backend = new LazyImageBackend('docker', 20, async () => {
  const { DockerBackend } = await import('./docker-backend.js');
  return new DockerBackend();
});

/** Contributes a loop mount in a container as an image backend. */
const plugin: Plugin = definePlugin({
  name: '@turingpi/image-docker',
  requires: [provisioningPlugin],
  imageBackends: [backend],
});
export default plugin;
