import fc from 'fast-check';
import { TuringPiError } from '@turingpi/foundation';
import {
  MemoryDisk,
  OverlayDisk,
  type FileSystem,
  type ReadableDisk,
  type WritableDisk,
} from '@turingpi/image';
import { tmpdir } from 'node:os';

/** One change of an image that nobody would make on purpose, unless to do harm. */
export type Damage =
  | { readonly kind: 'byte'; readonly place: number; readonly value: number }
  | { readonly kind: 'word'; readonly place: number; readonly value: number }
  /** Pointers that lead somewhere else: to what has another meaning, or back to themselves. */
  | { readonly kind: 'copy'; readonly place: number; readonly from: number }
  | { readonly kind: 'half'; readonly place: number; readonly value: number };

/** Places are counted in words of metadata that are not zero, and wrap around. */
const place = fc.nat(2 ** 30);
const extreme = fc.constantFrom(
  0,
  1,
  2,
  7,
  0x7fff,
  0x8000,
  0xffff,
  0x10000,
  0x7fffffff,
  0x80000000,
  0xffffffff,
);

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('byte' as const), place, value: fc.nat(255) }),
  fc.record({ kind: fc.constant('word' as const), place, value: fc.oneof(extreme, fc.nat(70_000)) }),
  fc.record({ kind: fc.constant('half' as const), place, value: fc.oneof(extreme, fc.nat(0xffff)) }),
  fc.record({ kind: fc.constant('copy' as const), place, from: place }),
);

/** A few changes together. */
export const damages = fc.array(damage, { minLength: 1, maxLength: 6 });

const WORD = 4;
const LONGEST_METADATA_READ = 16 * 1024;
const SECONDS = 10;
/** Far above what reading and editing these small images takes. */
const MEMORY_BYTES = 512 << 20;

/** An image with what is needed to damage it where it hurts. */
export class HostileBase {
  private constructor(
    private readonly bytes: Buffer,
    /** Offsets of words that are metadata and not zero. */
    private readonly places: readonly number[],
  ) {}

  /** Finds an image's metadata: what is read in small pieces while `use` looks at everything. */
  static async of(bytes: Buffer, use: (disk: WritableDisk) => Promise<unknown>): Promise<HostileBase> {
    const seen = new Set<number>();
    const memory = new MemoryDisk(bytes);
    const recording: ReadableDisk = {
      sizeBytes: memory.sizeBytes,
      read: (offset, length) => {
        if (length <= LONGEST_METADATA_READ)
          for (let at = offset - (offset % WORD); at < offset + length; at += WORD) seen.add(at);
        return memory.read(offset, length);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    await using overlay = new OverlayDisk(recording, { cacheDir: tmpdir() });
    await use(overlay);
    const places = [...seen].filter((at) => at + WORD <= bytes.length && bytes.readUInt32LE(at) !== 0);
    return new HostileBase(
      bytes,
      places.sort((a, b) => a - b),
    );
  }

  /**
   * Opens and uses a damaged copy; throws unless everything ends soon, in bounded memory, and well or with an error of
   * our own.
   */
  async attack(
    changes: readonly Damage[],
    open: (disk: WritableDisk) => Promise<FileSystem>,
    uses: readonly ((fs: FileSystem) => Promise<unknown>)[],
  ): Promise<void> {
    const copy = Buffer.from(this.bytes);
    for (const change of changes) this.#apply(copy, change);
    const started = Date.now();
    const before = process.memoryUsage.rss();
    try {
      const fs = await open(new MemoryDisk(copy));
      for (const use of uses) await use(fs).catch(expectOwnError);
    } catch (error) {
      expectOwnError(error);
    }
    const seconds = (Date.now() - started) / 1000;
    if (seconds > SECONDS) throw new Error(`it took ${seconds} s`);
    const grown = process.memoryUsage.rss() - before;
    if (grown > MEMORY_BYTES) throw new Error(`it took ${grown} bytes of memory`);
  }

  #apply(copy: Buffer, change: Damage): void {
    const at = this.#at(change.place);
    if (change.kind === 'byte') copy.writeUInt8(change.value, at);
    else if (change.kind === 'word') copy.writeUInt32LE(change.value, at);
    else if (change.kind === 'half') copy.writeUInt16LE(change.value & 0xffff, at);
    else copy.writeUInt32LE(this.bytes.readUInt32LE(this.#at(change.from)), at);
  }

  #at(index: number): number {
    return this.places[index % this.places.length] ?? 0;
  }
}

/** Lets errors of our own pass, and throws any other. */
export function expectOwnError(error: unknown): void {
  if (TuringPiError.is(error) && error.code.startsWith('IMAGE_')) return;
  throw error instanceof Error ? error : new Error(String(error));
}
