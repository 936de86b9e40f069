import lzma from 'lzma-native';
import { TransferError } from './transfer-error.js';

// The binding's own stream class restarts and splits on its own rules; what is needed here is one decoder per stream
// with the exact place where it ended, which only the layer below tells. Its typings leave that layer out.
interface NativeCoder {
  autoDecoder_(memoryLimit: number, flags: number): void;
  code(chunk: Buffer | null, asynchronous: boolean): void;
  resetUnderlying(): void;
  bufferHandler: (
    output: Buffer | null | undefined,
    processed: number | null | undefined,
    error: Error | null | undefined,
    totalIn: number | null,
    totalOut: number | null,
  ) => void;
}
const NativeCoderClass = (lzma as unknown as { Stream: new () => NativeCoder }).Stream;

/** What liblzma's codes read like in the daemon's status (docs/reference/bmc-protocol.md, "Error texts"). */
const TEXTS: Readonly<Record<string, string>> = {
  LZMA_MEM_ERROR: 'cannot allocate memory',
  LZMA_MEMLIMIT_ERROR: 'memory limit reached',
  LZMA_FORMAT_ERROR: 'stream/file format not recognized',
  LZMA_OPTIONS_ERROR: 'invalid options',
  LZMA_DATA_ERROR: 'lzma data error',
  LZMA_BUF_ERROR: 'More memory needed',
};

/** Output of one step; `failure` comes with everything that was decoded before it. */
export interface CoderStep {
  readonly output: readonly Buffer[];
  /** Bytes of input that belong to the stream; fewer than given when it ended. */
  readonly consumed: number;
  readonly ended: boolean;
  readonly failure?: TransferError;
}

/** Decodes one .xz or .lzma stream under a memory limit, off the event loop's thread. */
export class XzCoder implements Disposable {
  readonly #native: NativeCoder = new NativeCoderClass();
  #fed = 0;

  constructor(memoryLimitBytes: number) {
    this.#native.autoDecoder_(memoryLimitBytes, 0);
  }

  /** Feeds input, or tells the end with undefined. */
  step(input: Buffer | undefined): Promise<CoderStep> {
    const native = this.#native;
    const before = this.#fed;
    this.#fed += input?.length ?? 0;
    return new Promise((resolve, reject) => {
      const output: Buffer[] = [];
      let ended = false;
      let failure: TransferError | undefined;
      let totalIn = before;
      native.bufferHandler = (buffer, processed, error, consumed) => {
        if (consumed !== null) totalIn = consumed;
        if (error) failure ??= new TransferError(TEXTS[error.name] ?? error.message, { cause: error });
        else if (typeof processed === 'number') setImmediate(finish);
        else if (buffer === null) ended = true;
        else if (buffer) output.push(Buffer.from(buffer));
        if (failure) setImmediate(finish);
      };
      function finish(): void {
        resolve({ output, consumed: totalIn - before, ended, ...(failure && { failure }) });
      }
      try {
        native.code(input ?? null, true);
      } catch (cause) {
        reject(cause instanceof Error ? cause : new Error(String(cause)));
      }
    });
  }

  [Symbol.dispose](): void {
    this.#native.resetUnderlying();
  }
}
