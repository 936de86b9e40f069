import type { ImageStream } from '@turingpi/foundation';
import { digestFile } from './file-digest.js';
import type { ImageEngine, ImageSession, OpenImageOptions } from './image-engine.js';

/**
 * The image engine with all backends, which are loaded when the first image is opened: most of this package's code is
 * theirs, and a run in which nothing is to be done opens none.
 */
export class LazyImageEngine implements ImageEngine {
  #engine: Promise<ImageEngine> | undefined;

  async open(path: string, options: OpenImageOptions): Promise<ImageSession> {
    return (await this.#load()).open(path, options);
  }

  async stream(
    path: string,
    format: 'xz' | 'raw',
    options: { readonly signal: AbortSignal },
  ): Promise<ImageStream> {
    return (await this.#load()).stream(path, format, options);
  }

  digest(path: string, signal: AbortSignal): Promise<string> {
    return digestFile(path, signal);
  }

  async contentDigest(
    path: string,
    options: { readonly cacheDir: string; readonly signal: AbortSignal },
  ): Promise<string> {
    return (await this.#load()).contentDigest(path, options);
  }

  #load(): Promise<ImageEngine> {
    return (this.#engine ??= loadEngine());
  }
}

async function loadEngine(): Promise<ImageEngine> {
  const [{ BackendImageEngine }, { UserspaceBackend }, { LoopBackend }, { DockerBackend }] =
    await Promise.all([
      import('./backend-image-engine.js'),
      import('./userspace-backend.js'),
      import('../backend-loop/loop-backend.js'),
      import('../backend-docker/docker-backend.js'),
    ]);
  return new BackendImageEngine([new UserspaceBackend(), new LoopBackend(), new DockerBackend()]);
}
