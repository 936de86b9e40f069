import type { ByteSource } from './byte-source.js';
import { TransferError } from './transfer-error.js';
import { XzCoder } from './xz-coder.js';

// Runs of zeros expand 7000 times: what is fed at once bounds what has to be held (16 KiB: about 110 MB at worst).
const SLICE = 16 * 1024;

/**
 * Decodes .xz as the daemon does: several streams, any number of zero bytes between and after them
 * (docs/reference/bmc-protocol.md, "Decompression on the BMC").
 *
 * @remarks The last piece is held back until more input or a clean end is seen. When the source itself fails (its
 * digest is wrong) that piece is lost, as recorded: "tail missing".
 */
export class XzSource implements ByteSource {
  #coder: XzCoder | undefined;
  #input: Buffer = Buffer.alloc(0);
  #output: Buffer[] = [];
  #failure: TransferError | undefined;
  #streams = 0;
  #finished = false;

  constructor(
    private readonly source: ByteSource,
    private readonly memoryLimitBytes: number,
  ) {}

  async read(signal: AbortSignal): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#output.length > 1 || (this.#output.length === 1 && (this.#finished || this.#failure)))
        return this.#output.shift();
      if (this.#failure) throw this.#failure;
      if (this.#finished) return undefined;
      if (this.#input.length === 0) {
        const more = await this.source.read(signal);
        if (more) this.#input = more;
        else await this.#end();
        continue;
      }
      await this.#decode();
    }
  }

  close(): void {
    this.#stopCoder();
    this.source.close();
  }

  async #decode(): Promise<void> {
    if (!this.#coder) {
      this.#input = withoutLeadingZeros(this.#streams > 0, this.#input);
      if (this.#input.length === 0) return;
      this.#coder = new XzCoder(this.memoryLimitBytes);
    }
    const slice = this.#input.subarray(0, SLICE);
    const step = await this.#coder.step(slice);
    this.#output.push(...step.output);
    this.#failure = step.failure;
    this.#input = this.#input.subarray(step.ended ? step.consumed : slice.length);
    if (step.ended) this.#stopCoder();
    else if (step.failure) this.close();
  }

  async #end(): Promise<void> {
    if (!this.#coder && this.#streams > 0) {
      this.#finished = true;
      return;
    }
    this.#coder ??= new XzCoder(this.memoryLimitBytes);
    const step = await this.#coder.step(undefined);
    this.#output.push(...step.output);
    if (!step.ended) this.#failure = step.failure ?? new TransferError('More memory needed');
    this.#finished = step.ended;
    this.#stopCoder();
  }

  #stopCoder(): void {
    this.#coder?.[Symbol.dispose]();
    if (this.#coder) this.#streams += 1;
    this.#coder = undefined;
  }
}

function withoutLeadingZeros(padding: boolean, input: Buffer): Buffer {
  if (!padding) return input;
  const first = input.findIndex((byte) => byte !== 0);
  return first < 0 ? Buffer.alloc(0) : input.subarray(first);
}
