import { readFully } from './read-fully.js';
import { ScratchFile } from './scratch-file.js';

/** Pages of equal size by number: in memory up to a bound, the others in a scratch file. */
export class PageStore implements AsyncDisposable {
  readonly #memory = new Map<number, Buffer>();
  /** Page number → position in the scratch file, counted in pages. */
  readonly #spilled = new Map<number, number>();
  #scratch: Promise<ScratchFile> | undefined;

  constructor(
    private readonly pageBytes: number,
    private readonly memoryBytes: number,
    private readonly scratchDir: string,
  ) {}

  has(page: number): boolean {
    return this.#memory.has(page) || this.#spilled.has(page);
  }

  /** The page's bytes, not to be changed by the caller. The page must be present. */
  async get(page: number): Promise<Buffer> {
    const held = this.#memory.get(page);
    if (held) return held;
    const slot = this.#spilled.get(page);
    if (slot === undefined || !this.#scratch) throw new RangeError(`page ${page} is not in the store`);
    const scratch = await this.#scratch;
    const bytes = Buffer.allocUnsafeSlow(this.pageBytes);
    await readFully(scratch.handle, scratch.path, bytes, slot * this.pageBytes);
    return bytes;
  }

  /** Keeps a copy of `bytes`, which is one whole page. @throws ImageError `IMAGE_HOST_NO_SPACE` when it cannot be spilled. */
  async set(page: number, bytes: Uint8Array): Promise<void> {
    const held = this.#memory.get(page);
    if (held) {
      held.set(bytes);
    } else if (!this.#spilled.has(page) && (this.#memory.size + 1) * this.pageBytes <= this.memoryBytes) {
      this.#memory.set(page, Buffer.from(bytes));
    } else {
      await this.#spill(page, Buffer.from(bytes));
    }
  }

  /** Numbers of all pages present, ascending. */
  sortedIndexes(): number[] {
    return [...this.#memory.keys(), ...this.#spilled.keys()].sort((a, b) => a - b);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#memory.clear();
    this.#spilled.clear();
    const scratch = await this.#scratch?.catch(() => undefined);
    this.#scratch = undefined;
    await scratch?.[Symbol.asyncDispose]();
  }

  async #spill(page: number, bytes: Buffer): Promise<void> {
    const scratch = await (this.#scratch ??= ScratchFile.create(this.scratchDir));
    const slot = this.#spilled.get(page) ?? this.#spilled.size;
    await scratch.write(bytes, slot * this.pageBytes);
    this.#spilled.set(page, slot);
  }
}
