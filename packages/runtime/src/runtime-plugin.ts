import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import { LOCAL_RUNTIME } from './local/local-runtime.js';
import { ProcessLocalRuntime } from './local/process-local-runtime.js';
import { ClientSshRuntime, SSH_RUNTIME } from './ssh/ssh-runtime.js';

/** Contributes the runtimes to the container. */
export const runtimePlugin: Plugin = definePlugin({
  name: '@turingpi/runtime',
  services: [
    { token: LOCAL_RUNTIME, useClass: ProcessLocalRuntime },
    { token: SSH_RUNTIME, useClass: ClientSshRuntime },
  ],
});
