import { type FileHandle, open, stat } from 'node:fs/promises';
import type { FaultPanel } from '../board/board-faults.js';
import type { RateLimiter } from './rate-limiter.js';

const SPARSE_STEP = 64 * 1024;
const ZEROS = Buffer.alloc(SPARSE_STEP);

/** A failed block device operation, with the text the daemon shows for it. */
export class EmmcError extends Error {}

/** The eMMC of one node: a sparse file that ends where a real chip would. */
export class EmmcFile {
  constructor(
    readonly path: string,
    readonly sizeBytes: number,
    private readonly speed: RateLimiter,
    private readonly faults: FaultPanel,
  ) {}

  /** Creates the file when it is missing; an existing one keeps its bytes. */
  async ensure(): Promise<void> {
    const handle = await open(this.path, 'a', 0o600);
    await handle.close();
  }

  /** A module whose eMMC holds nothing falls into USB boot on its own, which the BMC cannot tell apart (§9.4). */
  async isBlank(): Promise<boolean> {
    const { size } = await stat(this.path);
    if (size === 0) return true;
    await using handle = await open(this.path, 'r');
    const head = Buffer.alloc(Math.min(size, 1024 * 1024));
    await handle.read(head, 0, head.length, 0);
    return head.every((byte) => byte === 0);
  }

  /** Opens the chip as a block device. */
  async open(): Promise<EmmcDevice> {
    return new EmmcDevice(await open(this.path, 'r+'), this.sizeBytes, this.speed, this.faults);
  }
}

/** An opened eMMC, written and read back in order from its start. */
export class EmmcDevice implements AsyncDisposable {
  #position = 0;

  constructor(
    private readonly handle: FileHandle,
    private readonly sizeBytes: number,
    private readonly speed: RateLimiter,
    private readonly faults: FaultPanel,
  ) {}

  /** Starts again at the first byte, for the read-back pass. */
  rewind(): void {
    this.#position = 0;
  }

  /** @throws EmmcError when the chip is full or broken. */
  async write(data: Buffer, signal: AbortSignal): Promise<void> {
    const limit = Math.min(this.sizeBytes, this.faults.current.emmcErrorAt ?? Infinity);
    const stallAt = this.faults.current.emmcStallAt;
    if (stallAt !== undefined && this.#position + data.length > stallAt)
      await this.#stall(stallAt, data, signal);
    const fits = data.subarray(0, Math.max(0, limit - this.#position));
    for (let at = 0; at < fits.length; at += SPARSE_STEP)
      await this.#writeStep(fits.subarray(at, at + SPARSE_STEP));
    if (fits.length < data.length) {
      throw new EmmcError(
        limit < this.sizeBytes ? 'Input/output error (os error 5)' : 'No space left on device (os error 28)',
      );
    }
    await this.speed.pass(data.length, signal);
  }

  /** Reads the next bytes, short only at the end of the file. */
  async read(length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    const start = this.#position;
    await this.handle.read(buffer, 0, length, start); // beyond the end of the sparse file: zeros, as on a chip
    this.#position += length;
    await this.speed.pass(length / 2); // reading is about twice as fast as writing (bmc-api.md §9.6)
    const flip = this.faults.current.corruptEmmcAt;
    if (flip !== undefined && flip >= start && flip < start + length)
      buffer.writeUInt8(buffer.readUInt8(flip - start) ^ 1, flip - start);
    return buffer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
  }

  // Zeros are written only where something else is, so that the file of a mostly empty image stays sparse.
  async #writeStep(step: Buffer): Promise<void> {
    const zeros = ZEROS.subarray(0, step.length);
    if (step.equals(zeros)) {
      const held = Buffer.alloc(step.length);
      const { bytesRead } = await this.handle.read(held, 0, step.length, this.#position);
      const end = this.#position + step.length;
      if (bytesRead < step.length) {
        const { size } = await this.handle.stat();
        if (size < end) await this.handle.truncate(end);
      }
      if (held.equals(zeros)) {
        this.#position = end;
        return;
      }
    }
    await this.handle.write(step, 0, step.length, this.#position);
    this.#position += step.length;
  }

  async #stall(stallAt: number, data: Buffer, signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    while (this.faults.current.emmcStallAt === stallAt && this.#position + data.length > stallAt) {
      await Promise.race([this.faults.changed(), aborted]);
      signal.throwIfAborted();
    }
  }
}
