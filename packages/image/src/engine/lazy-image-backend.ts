import type { LeftoverContainers } from '../leftovers/leftover.js';
import type { ImageBackend } from './image-backend.js';
import type { ImageSession, OpenImageOptions } from './image-engine.js';

/** A backend whose code is loaded when it is first asked: a plugin that contributes it costs nothing until then. */
export class LazyImageBackend implements ImageBackend {
  #backend: Promise<ImageBackend> | undefined;

  constructor(
    readonly id: string,
    readonly preference: number,
    private readonly load: () => Promise<ImageBackend>,
  ) {}

  async unavailable(signal: AbortSignal): Promise<string | Error | undefined> {
    return (await this.#loaded()).unavailable(signal);
  }

  async open(path: string, options: OpenImageOptions, reason: string): Promise<ImageSession> {
    return (await this.#loaded()).open(path, options, reason);
  }

  async leftovers(): Promise<LeftoverContainers> {
    return (await (await this.#loaded()).leftovers?.()) ?? NONE;
  }

  #loaded(): Promise<ImageBackend> {
    return (this.#backend ??= this.load());
  }
}

const NONE: LeftoverContainers = { find: () => Promise.resolve([]), remove: () => Promise.resolve() };
