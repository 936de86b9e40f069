import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { CustomizedImage } from '@turingpi/core/plugin';
import {
  approveErasure,
  CleanupStack,
  type ErasePermit,
  type ErasureAtHand,
  silentLogger,
} from '@turingpi/foundation';
import type { InstallationRequest } from '@turingpi/provisioning';
import type { OpenedStrategy } from '../strategy/strategy-subject.js';

export const IMAGE_BYTES = 1 << 20;

/** One installation of one image. */
export class TrialInstallation {
  readonly raw = randomBytes(IMAGE_BYTES);
  readonly permit: ErasePermit;

  /**
   * @param onOpen - called when the image is opened
   * @param onPiece - called before each sixteenth of it is read; what it rejects with, reading it fails with
   */
  constructor(
    private readonly opened: Pick<OpenedStrategy, 'strategy' | 'node' | 'disk'>,
    private readonly onOpen: () => void = () => undefined,
    private readonly onPiece: (piece: number) => Promise<void> | void = () => undefined,
  ) {
    this.permit = approveErasure({ node: opened.node.id, disk: opened.disk ?? 'emmc' });
  }

  async install(given: Partial<InstallationRequest> = {}, without?: 'permit'): Promise<void> {
    await using cleanup = new CleanupStack();
    const { node, strategy } = this.opened;
    await strategy.install({
      node,
      signal: new AbortController().signal,
      logger: silentLogger,
      progress: () => undefined,
      image: { record: this.#record(), open: (format, signal) => this.#open(format, signal) },
      cleanup,
      ...(without === 'permit' ? {} : { permit: this.permit }),
      ...given,
    });
  }

  #record(): CustomizedImage {
    const { hostname } = this.opened.node;
    const sizes = { sizeBytes: IMAGE_BYTES, rawSizeBytes: IMAGE_BYTES };
    return {
      path: '/image.img',
      format: 'raw',
      ...sizes,
      sha256: this.#sha256,
      os: 'any',
      hostname,
      hostKeys: [],
    };
  }

  get #sha256(): string {
    return createHash('sha256').update(this.raw).digest('hex');
  }

  async *#read(): AsyncGenerator<Buffer> {
    for (let piece = 0; piece < 16; piece += 1) {
      await this.onPiece(piece);
      yield this.raw.subarray((piece * IMAGE_BYTES) / 16, ((piece + 1) * IMAGE_BYTES) / 16);
    }
  }

  #open(format: 'xz' | 'raw', signal: AbortSignal) {
    if (format === 'xz') return Promise.reject(new Error('this image is not compressed, as its record says'));
    this.onOpen();
    signal.throwIfAborted();
    return Promise.resolve({
      stream: Readable.from(this.#read(), { signal }),
      format,
      lengthBytes: IMAGE_BYTES,
      sha256: this.#sha256,
      rawSizeBytes: IMAGE_BYTES,
      dictionaryBytes: undefined,
    });
  }
}

/** A permit that tells when it is begun, before it is. */
export function watched(permit: ErasePermit, onBegin: (atHand: ErasureAtHand) => Promise<void>): ErasePermit {
  return new Proxy(permit, {
    get: (target, key) =>
      key === 'begin'
        ? async (atHand: ErasureAtHand) => {
            await onBegin(atHand);
            await target.begin(atHand);
          }
        : (Reflect.get(target, key) as unknown),
  });
}
