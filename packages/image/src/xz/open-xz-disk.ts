import { setMaxListeners } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { hostFileError } from '../disk/host-file-error.js';
import { WatchedFile } from '../disk/watched-file.js';
import { BlockStore } from './block-store.js';
import { defaultXzCodec, inProcessXzCodec } from './choose-xz-codec.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { DecodedBlockCache } from './decoded-block-cache.js';
import type { XzCodec } from './xz-codec.js';
import { XzDisk, type XzDiskResources } from './xz-disk.js';
import { readXzLayout } from './xz-layout.js';

export interface OpenXzDiskOptions {
  /** Where decoded blocks (in files without a name) and small pieces of touched blocks are kept. */
  readonly cacheDir: string;
  /** Stops all reading when it fires. */
  readonly signal?: AbortSignal;
  /** Default: the system's `xz`, else `lzma-native`. */
  readonly codec?: XzCodec;
}

/** Decoders at work at a time, and encoders besides: a read does not wait for an encoder. */
const PARALLEL_CODERS = 2;
/** Blocks that are cut at a time, of an edit that touches many: enough for all coders to have work. */
const PARALLEL_CUTS = 4;

/**
 * Opens an .xz file as a read-only disk. Only its index is read.
 *
 * @throws ImageError `IMAGE_NOT_FOUND`, `IMAGE_UNREADABLE`, `IMAGE_CORRUPT`, `IMAGE_TOO_LARGE`,
 * `IMAGE_UNSUPPORTED_COMPRESSION`; reading may throw the last four, and `IMAGE_HOST_NO_SPACE`.
 */
export async function openXzDisk(path: string, options: OpenXzDiskOptions): Promise<XzDisk> {
  options.signal?.throwIfAborted();
  const stop = new AbortController();
  const signal = AbortSignal.any(options.signal ? [options.signal, stop.signal] : [stop.signal]);
  setMaxListeners(0, signal); // one for each coder: their number has another bound
  const resources: XzDiskResources = {
    cacheDir: options.cacheDir,
    codec: options.codec ?? (await defaultXzCodec()),
    smallBlockCodec: options.codec ? () => Promise.resolve(undefined) : inProcessXzCodec,
    signal,
    cache: new DecodedBlockCache(),
    decoding: new ConcurrencyLimit(PARALLEL_CODERS),
    encoding: new ConcurrencyLimit(PARALLEL_CODERS),
    cutting: new ConcurrencyLimit(PARALLEL_CUTS),
    store: new BlockStore(options.cacheDir),
    openFile: (other) => openFile(other, resources),
  };
  return openFile(path, resources, stop);
}

async function openFile(path: string, resources: XzDiskResources, stop?: AbortController): Promise<XzDisk> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw hostFileError(error, path, 'read');
  }
  try {
    const watch = await WatchedFile.of(file, path);
    const { size } = await file.stat();
    const layout = await readXzLayout(file, path, size).catch(async (error: unknown) => {
      throw await watch.explain(error);
    });
    return new XzDisk({ file, path, layout, watch }, resources, stop);
  } catch (error) {
    await file.close();
    throw hostFileError(error, path, 'read');
  }
}
