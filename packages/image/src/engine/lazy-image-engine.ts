import type { ImageStream } from '@turingpi/foundation';
import { digestFile } from './file-digest.js';
import { byPreference, type ImageBackend } from './image-backend.js';
import type { ImageEngine, ImageSession, OpenImageOptions } from './image-engine.js';

/**
 * The image engine, whose code is loaded when the first image is opened: it is most of this package, and a run in which
 * nothing is to be done opens none.
 */
export class LazyImageEngine implements ImageEngine {
  #engine: Promise<ImageEngine> | undefined;

  /** @param others - backends besides our own drivers, asked for when the first image is opened */
  constructor(private readonly others: () => readonly ImageBackend[] = () => []) {}

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
    return (this.#engine ??= loadEngine(this.others()));
  }
}

async function loadEngine(others: readonly ImageBackend[]): Promise<ImageEngine> {
  const [{ BackendImageEngine }, { UserspaceBackend }] = await Promise.all([
    import('./backend-image-engine.js'),
    import('./userspace-backend.js'),
  ]);
  return new BackendImageEngine([new UserspaceBackend(), ...byPreference(others)]);
}
