import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { CleanupStack, type ImageStream } from '@turingpi/foundation';
import { openImageDisk } from '../compression/open-image-disk.js';
import { rawChunks } from '../output/raw-chunks.js';
import { streamImage } from '../output/stream-image.js';
import { digestFile } from './file-digest.js';
import { openWithFallback } from './fallback.js';
import type { ImageBackend } from './image-backend.js';
import type { ImageEngine, ImageSession, OpenImageOptions, StreamImageOptions } from './image-engine.js';
import { UserspaceBackend } from './userspace-backend.js';

/** The image engine over one or more backends, in order of preference. */
export class BackendImageEngine implements ImageEngine {
  constructor(private readonly backends: readonly ImageBackend[] = [new UserspaceBackend()]) {}

  async open(path: string, options: OpenImageOptions): Promise<ImageSession> {
    options.signal.throwIfAborted();
    return openWithFallback(this.backends, path, options);
  }

  async stream(
    path: string,
    format: 'xz' | 'raw',
    // A finished image lies in our cache: scratch files belong beside it.
    { signal, cacheDir = dirname(resolve(path)) }: StreamImageOptions,
  ): Promise<ImageStream> {
    await using cleanup = new CleanupStack();
    const source = cleanup.use(`close ${path}`, await openImageDisk(path, { cacheDir, signal }));
    const opened = await streamImage(source, undefined, format, signal);
    const closing = cleanup.move();
    opened.stream.once('close', () => {
      void closing[Symbol.asyncDispose]().catch(() => undefined); // only file handles: nobody could act on it
    });
    return opened;
  }

  digest(path: string, signal: AbortSignal): Promise<string> {
    return digestFile(path, signal);
  }

  async contentDigest(
    path: string,
    options: { readonly cacheDir: string; readonly signal: AbortSignal },
  ): Promise<string> {
    await using source = await openImageDisk(path, options);
    const hash = createHash('sha256');
    for await (const chunk of rawChunks(source.disk, undefined, options.signal)) hash.update(chunk);
    return hash.digest('hex');
  }
}
