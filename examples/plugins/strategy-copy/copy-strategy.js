import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CLUSTER_CONFIG } from '@turingpi/core/plugin';
import { assertPermit } from '@turingpi/foundation';

/** Copies the image of a node into a folder of the cache: for whoever writes it by other means. */
export class CopyStrategy {
  static inject = [CLUSTER_CONFIG];

  id = 'copy';
  summary = 'Copies the image into the folder "copied" of the cache directory.';

  constructor(config) {
    this.folder = path.join(config.cacheDir, 'copied');
  }

  supports(board) {
    return ['rk1', 'cm4'].includes(board.id);
  }

  /** Where the image of a node is copied to. */
  fileOf(node) {
    return path.join(this.folder, `node${node.id}.img`);
  }

  async install({ node, image, signal, progress, permit, cleanup, dryRun = false }) {
    const file = this.fileOf(node);
    if (dryRun) {
      progress({ activity: 'dry run', note: `would copy ${image.record.path} to ${file}` });
      return;
    }
    const atHand = { node: node.id, disk: 'emmc' };
    assertPermit(permit, atHand);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const { stream, lengthBytes } = await image.open('raw', signal);
    stream.on('error', () => undefined); // told by the pipeline, once it runs
    const partial = `${file}.partial`;
    cleanup.defer('the unfinished copy', () => rm(partial, { force: true }));
    await permit.begin(atHand); // what was there is replaced
    let done = 0;
    await pipeline(
      stream,
      async function* (chunks) {
        for await (const chunk of chunks) {
          done += chunk.length;
          progress({ activity: 'copy', done, total: lengthBytes, unit: 'bytes' });
          yield chunk;
        }
      },
      createWriteStream(partial, { mode: 0o600 }),
      { signal },
    );
    await rename(partial, file);
  }
}
