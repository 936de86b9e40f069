import { definePlugin } from '@turingpi/core/plugin';
import { DockerBackend } from './backend-docker/docker-backend.js';
import { LoopBackend } from './backend-loop/loop-backend.js';
import { BackendImageEngine } from './engine/backend-image-engine.js';
import { IMAGE_ENGINE } from './engine/image-engine.js';
import { UserspaceBackend } from './engine/userspace-backend.js';

/** Contributes the image engine as a service. */
export const imagePlugin = definePlugin({
  name: '@turingpi/image',
  services: [
    {
      token: IMAGE_ENGINE,
      useValue: new BackendImageEngine([new UserspaceBackend(), new LoopBackend(), new DockerBackend()]),
    },
  ],
});
