import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { HostConfig } from 'dockerode';
import { cacheDirectories } from '../cache/cache-directories.js';
import type { ImageBackend } from '../engine/image-backend.js';
import type { ImageSession, OpenImageOptions } from '../engine/image-engine.js';
import { removeLeftovers } from '../leftovers/remove-leftovers.js';
import { readPartitionTable } from '../partition/read-partition-table.js';
import type { WorkingCopy } from '../working-copy/working-copy.js';
import { type PartitionMounter, WorkingCopySession } from '../working-copy/working-copy-session.js';
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
  readonly host: DockerHost;

  constructor(private readonly options: DockerBackendOptions = {}) {
    this.host = new DockerHost(options);
  }

  unavailable(signal: AbortSignal): Promise<Error | undefined> {
    return this.host.failure(signal);
  }

  async open(path: string, options: OpenImageOptions, reason: string): Promise<ImageSession> {
    await this.host.requireImage(this.#image); // before a large file is written
    const containers = new DockerLeftovers(this.host);
    await removeLeftovers({ directories: cacheDirectories(options.cacheDir), containers });
    return WorkingCopySession.open(path, options, {
      id: this.id,
      reason,
      mounter: (copy, signal) => this.#start(path, copy, signal),
    });
  }

  get #image(): string {
    return this.options.image ?? DEFAULT_IMAGE;
  }

  async #start(path: string, copy: WorkingCopy, signal: AbortSignal): Promise<PartitionMounter> {
    const output = join(copy.directory, 'output');
    await mkdir(output, { mode: 0o700 });
    const { partitions } = await readPartitionTable(copy.disk);
    for (const { number } of partitions) await mkdir(join(copy.directory, `mnt${number}`), { mode: 0o700 });
    const job = await ContainerJob.start(this.host, {
      image: this.#image,
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
