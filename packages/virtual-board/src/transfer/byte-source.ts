import { createHash } from 'node:crypto';
import { SourceError } from './transfer-error.js';

/** Bytes on their way to a module, pulled by the worker. */
export interface ByteSource {
  /** The next bytes, undefined at the end. @throws SourceError, or the signal's reason */
  read(signal: AbortSignal): Promise<Buffer | undefined>;
  /** Tells the other side that nobody reads any more. */
  close(): void;
}

/** Checks the digest of the bytes as transferred when they end. */
export class HashedSource implements ByteSource {
  readonly #hash = createHash('sha256');
  #checked = false;

  /** @param expected - Lower-case hex; any length is accepted, a wrong one just never matches. */
  constructor(
    private readonly source: ByteSource,
    private readonly expected: string,
  ) {}

  async read(signal: AbortSignal): Promise<Buffer | undefined> {
    const chunk = await this.source.read(signal);
    if (chunk) this.#hash.update(chunk);
    else if (!this.#checked) {
      this.#checked = true;
      const got = this.#hash.digest('hex');
      if (got !== this.expected)
        throw new SourceError(`sha256 checksum failed. Expected: ${this.expected}, got: ${got}`);
    }
    return chunk;
  }

  close(): void {
    this.source.close();
  }
}
