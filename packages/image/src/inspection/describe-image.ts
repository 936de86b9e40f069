import {
  CONTAINER_MAGIC_BYTES,
  type ImageContainer,
  recogniseContainer,
} from '../compression/image-container.js';
import { openRawDisk } from '../disk/raw-disk.js';
import type { ImageSession } from '../engine/image-engine.js';
import type { FileSystemUsage } from '../filesystem/file-system.js';
import { ImageError } from '../image-error.js';
import type { Partition, PartitionTable } from '../partition/partition-table.js';
import { describeXz, type XzDescription } from './describe-xz.js';

/** The filesystem of a partition, for people and programs. */
export interface FileSystemDescription {
  readonly kind: string;
  readonly label: string;
  readonly uuid: string | undefined;
  readonly usage: FileSystemUsage;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface PartitionDescription extends Partition {
  readonly fileSystem: FileSystemDescription | undefined;
  /** Why its filesystem cannot be read, or cannot be opened. */
  readonly problem: { readonly code: string; readonly message: string } | undefined;
}

/** What an image file is, from its packing to its filesystems. JSON-safe. */
export interface ImageDescription {
  readonly path: string;
  readonly container: ImageContainer;
  /** Length of the file in bytes. */
  readonly sizeBytes: number;
  readonly rawSizeBytes: number;
  readonly backend: string;
  readonly backendReason: string;
  readonly table: Omit<PartitionTable, 'partitions'>;
  readonly partitions: readonly PartitionDescription[];
  /** Only of .xz files. */
  readonly xz: XzDescription | undefined;
}

/**
 * Describes an image that is open.
 *
 * @param path - Its file.
 * @throws ImageError of the file; what is wrong with a single partition is part of the description.
 */
export async function describeImage(
  path: string,
  session: ImageSession,
  signal: AbortSignal,
): Promise<ImageDescription> {
  const { container, sizeBytes } = await readContainer(path);
  const { partitions, ...table } = session.partitionTable;
  const described: PartitionDescription[] = [];
  for (const partition of partitions) {
    signal.throwIfAborted();
    described.push({ ...partition, ...(await describeFileSystem(session, partition.number)) });
  }
  return {
    path,
    container,
    sizeBytes,
    rawSizeBytes: session.rawSizeBytes,
    backend: session.backend,
    backendReason: session.backendReason,
    table,
    partitions: described,
    xz: container === 'xz' ? await describeXz(path, signal) : undefined,
  };
}

async function readContainer(path: string): Promise<{ container: ImageContainer; sizeBytes: number }> {
  await using file = await openRawDisk(path);
  const head = await file.read(0, Math.min(CONTAINER_MAGIC_BYTES, file.sizeBytes));
  return { container: recogniseContainer(head), sizeBytes: file.sizeBytes };
}

async function describeFileSystem(
  session: ImageSession,
  number: number,
): Promise<Pick<PartitionDescription, 'fileSystem' | 'problem'>> {
  try {
    const { fileSystem } = await session.files(number);
    const { kind, label, uuid, facts } = fileSystem;
    return { fileSystem: { kind, label, uuid, usage: await fileSystem.usage(), facts }, problem: undefined };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { fileSystem: undefined, problem: { code: error.code, message: error.message } };
  }
}
