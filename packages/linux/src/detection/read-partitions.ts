import { ImageError, type ImageSession } from '@turingpi/image/customization';
import type { ImagePartition, ImagePartitions } from './detected-image.js';

/** Opens every filesystem of an image that can be read; partitions without one (boot loaders, swap) are passed over. */
export async function readPartitions(session: ImageSession): Promise<ImagePartitions> {
  const root = await session.files('root');
  const others: ImagePartition[] = [];
  for (const { number } of session.partitionTable.partitions) {
    try {
      const files = await session.files(number);
      const { label, uuid, kind } = files.fileSystem;
      const isRoot =
        kind === root.fileSystem.kind && uuid === root.fileSystem.uuid && label === root.fileSystem.label;
      if (!isRoot) others.push({ number, label, files });
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
    }
  }
  return { root, others };
}
