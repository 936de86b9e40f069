import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { HostConfig } from 'dockerode';
import {
  cacheDirectories,
  type ImageBackend,
  type ImageSession,
  type LeftoverContainers,
  type OpenImageOptions,
  removeLeftovers,
  readPartitionTable,
  type WorkingCopy,
  type PartitionMounter,
  WorkingCopySession,
} from '@turingpi/image/backend';

import { ContainerJob } from './container-job.js';
import { ContainerMount } from './container-mount.js';
import type { ContainerVolume } from './container-options.js';
import { DockerLeftovers } from './docker-leftovers.js';
import { DockerHost, type DockerHostOptions } from './docker-host.js';

/** Has sh, losetup, mount, e2fsck and coreutils, for every architecture. */
export const DEFAULT_IMAGE = 'debian:bookworm';

export interface DockerBackendOptions extends DockerHostOptions {
  /** The container's image: anything with sh, base64, losetup and mount (busybox will do). Default {@link DEFAULT_IMAGE}. */
  readonly image?: string;
  /** More directories of the host for the container. */
  readonly volumes?: readonly ContainerVolume[];
  /** Settings of the container laid over ours. */
  readonly hostConfig?: HostConfig;
}

/** Mounts a raw working copy in a container: for hosts that cannot mount themselves. */
export class DockerBackend implements ImageBackend {
  readonly id = 'docker';
  readonly preference = 20;
  readonly host: DockerHost;

  constructor(private readonly options: DockerBackendOptions = {}) {
    this.host = new DockerHost(options);
  }

  unavailable(signal: AbortSignal): Promise<Error | undefined> {
    return this.host.failure(signal);
  }

  async open(path: string, options: OpenImageOptions, reason: string): Promise<ImageSession> {
    const image = options.containerImage ?? this.options.image ?? DEFAULT_IMAGE;
    await this.host.requireImage(image); // before a large file is written
    const containers = new DockerLeftovers(this.host);
    await removeLeftovers({ directories: cacheDirectories(options.cacheDir), containers });
    return WorkingCopySession.open(path, options, {
      id: this.id,
      reason,
      mounter: (copy, signal) => this.#start({ path, image }, copy, signal),
    });
  }

  leftovers(): Promise<LeftoverContainers> {
    return Promise.resolve(new DockerLeftovers(this.host));
  }

  async #start(
    { path, image }: { readonly path: string; readonly image: string },
    copy: WorkingCopy,
    signal: AbortSignal,
  ): Promise<PartitionMounter> {
    const output = join(copy.directory, 'output');
    await mkdir(output, { mode: 0o700 });
    const { partitions } = await readPartitionTable(copy.disk);
    for (const { number } of partitions) await mkdir(join(copy.directory, `mnt${number}`), { mode: 0o700 });
    const job = await ContainerJob.start(this.host, {
      image,
      volumes: [
        { host: dirname(resolve(path)), container: '/source', readOnly: true },
        { host: copy.directory, container: '/work' },
        { host: output, container: '/output' },
        ...(this.options.volumes ?? []),
      ],
      ...(this.options.hostConfig === undefined ? {} : { hostConfig: this.options.hostConfig }),
      signal,
    });
    return {
      mount: (partition, now) => new ContainerMount(job, partition, copy.disk, now),
      [Symbol.asyncDispose]: () => job[Symbol.asyncDispose](),
    };
  }
}
