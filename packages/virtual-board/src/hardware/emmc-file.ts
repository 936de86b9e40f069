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
    /** Called when the first bytes are about to be written to a chip that was opened. */
    private readonly onWrite: () => void,
  ) {}

  /** Creates the file when it is missing; an existing one keeps its bytes. */
  async ensure(): Promise<void> {
    const handle = await open(this.path, 'a', 0o600);
    await handle.close();
  }

  /**
   * A module whose eMMC holds nothing falls into USB boot on its own, which the BMC cannot tell apart
   * (docs/reference/bmc-protocol.md, "Modules in USB boot").
   */
  async isBlank(): Promise<boolean> {
    const { size } = await stat(this.path);
    if (size === 0) return true;
    await using handle = await open(this.path, 'r');
    const head = Buffer.alloc(Math.min(size, 1024 * 1024));
    await handle.read(head, 0, head.length, 0);
    return head.every((byte) => byte === 0);
  }

  /** Opens the chip as a block device. @throws EmmcError when it is gone. */
  async open(): Promise<EmmcDevice> {
    if (this.faults.current.emmcVanishes === true)
      throw new EmmcError('No such file or directory (os error 2)');
    const handle = await open(this.path, 'r+');
    const { size, blocks } = await handle.stat();
    const isHole = blocks === 0 && size >= SPARSE_STEP; // a short file may lie in its inode
    return new EmmcDevice(handle, isHole ? 0 : size, this.sizeBytes, this.speed, this.faults, this.onWrite);
  }
}

/** An opened eMMC, written and read back in order from its start. */
export class EmmcDevice implements AsyncDisposable {
  #position = 0;
  /** Beyond this the file holds nothing but zeros. */
  #dataBytes: number;
  /** Where the file has to end, also when zeros were left out there. */
  #writtenBytes = 0;
  #told = false;

  constructor(
    private readonly handle: FileHandle,
    dataBytes: number,
    private readonly sizeBytes: number,
    private readonly speed: RateLimiter,
    private readonly faults: FaultPanel,
    private readonly onWrite: () => void,
  ) {
    this.#dataBytes = dataBytes;
  }

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
    if (!this.#told) this.onWrite();
    this.#told = true;
    const fits = data.subarray(0, Math.max(0, limit - this.#position));
    await this.#writeSparsely(fits);
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
    // Reading twice as fast as writing is assumed (docs/reference/bmc-protocol.md, "Speeds").
    await this.speed.pass(length / 2);
    const flip = this.faults.current.corruptEmmcAt;
    if (flip !== undefined && flip >= start && flip < start + length)
      buffer.writeUInt8(buffer.readUInt8(flip - start) ^ 1, flip - start);
    return buffer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const { size } = await this.handle.stat();
      if (size < this.#writtenBytes) await this.handle.truncate(this.#writtenBytes);
    } finally {
      await this.handle.close();
    }
  }

  // Zeros are written only where something else is, so that the file of a mostly empty image stays sparse.
  async #writeSparsely(data: Buffer): Promise<void> {
    for (let at = 0; at < data.length;) {
      const zeros = isZeroStep(data, at);
      let end = at;
      while (end < data.length && isZeroStep(data, end) === zeros)
        end = Math.min(data.length, end + SPARSE_STEP);
      const run = data.subarray(at, end);
      if (!zeros || (await this.#holdsData(run.length))) {
        await this.handle.write(run, 0, run.length, this.#position);
        this.#dataBytes = Math.max(this.#dataBytes, this.#position + run.length);
      }
      this.#position += run.length;
      this.#writtenBytes = Math.max(this.#writtenBytes, this.#position);
      at = end;
    }
  }

  /** Whether anything but zeros is in the next `length` bytes of the file. */
  async #holdsData(length: number): Promise<boolean> {
    const held = Buffer.alloc(Math.min(length, Math.max(0, this.#dataBytes - this.#position)));
    if (held.length > 0) await this.handle.read(held, 0, held.length, this.#position);
    for (let at = 0; at < held.length; at += SPARSE_STEP) if (!isZeroStep(held, at)) return true;
    return false;
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

function isZeroStep(data: Buffer, at: number): boolean {
  const step = data.subarray(at, at + SPARSE_STEP);
  return step.equals(ZEROS.subarray(0, step.length));
}
