export type { ContainerVolume } from './container-options.js';
export { DockerBackend, type DockerBackendOptions } from './docker-backend.js';
export { DockerError, type DockerErrorCode } from './docker-error.js';
export { DockerHost, type DockerHostOptions } from './docker-host.js';
export { DockerLeftovers } from './docker-leftovers.js';
export { DockerRuntime, type DockerRuntimeOptions } from './docker-runtime.js';
