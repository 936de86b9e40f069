import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  assertPermit,
  CLUSTER_CONFIG,
  type ClusterConfig,
  configOf,
  type Node,
  resolvePath,
} from '@turingpi/core/plugin';
import type { ContributedStrategy, InstallationRequest } from '@turingpi/provisioning';
import { DEFAULTS, NEW_WAY } from './new-way-key.js';

/** Writes the image of a node to a file that is its disk, as of a server that lends disks over the network. */
export class NewWayStrategy implements ContributedStrategy {
  /** What the constructor is given, in its order. */
  static readonly inject = [CLUSTER_CONFIG];

  readonly id = 'new-way';
  readonly summary = 'Writes the image to a file that is the disk of the node.';
  readonly disk = 'network';
  readonly #folder: string;

  constructor(config: Pick<ClusterConfig, 'contributed' | 'baseDir'>) {
    const { folder } = configOf(config, NEW_WAY) ?? DEFAULTS;
    this.#folder = resolvePath(config.baseDir, folder);
  }

  supports(): boolean {
    return true; // any board
  }

  diskOf({ id }: Pick<Node, 'id'>): string {
    return path.join(this.#folder, `node${id}.img`);
  }

  async install({ node, image, signal, progress, permit, cleanup, dryRun }: InstallationRequest) {
    const disk = this.diskOf(node);
    if (dryRun === true) {
      progress({ activity: 'dry run', note: `would write ${image.record.path} to ${disk}` });
      return;
    }
    const atHand = { node: node.id, disk: this.disk };
    assertPermit(permit, atHand); // nothing is touched without the right to erase
    const { stream, lengthBytes } = await image.open('raw', signal);
    stream.on('error', () => undefined); // told by the pipeline, once it runs
    const partial = `${disk}.partial`;
    cleanup.defer('the unfinished disk', () => rm(partial, { force: true }));
    await mkdir(this.#folder, { recursive: true });
    await permit.begin(atHand); // directly before the first byte
    let done = 0;
    await pipeline(
      stream,
      async function* (chunks: AsyncIterable<string | Uint8Array>) {
        for await (const chunk of chunks) {
          done += Buffer.byteLength(chunk);
          progress({ activity: 'write', done, total: lengthBytes, unit: 'bytes' });
          yield chunk;
        }
      },
      createWriteStream(partial, { mode: 0o600 }),
      { signal },
    );
    await rename(partial, disk);
  }
}
