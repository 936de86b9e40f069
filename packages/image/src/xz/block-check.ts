import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc64 } from './crc64.js';
import type { XzCheck } from './xz-check.js';

/** Computes the integrity check that stands at the end of a block. */
export interface BlockCheck {
  update(bytes: Buffer): void;
  /** The bytes that stand in the file; none for the check `none`. */
  digest(): Buffer;
}

/** Begins the check of one block. */
export function beginBlockCheck(check: XzCheck): BlockCheck {
  switch (check) {
    case 'none':
      return { update: () => undefined, digest: () => Buffer.alloc(0) };
    case 'crc32':
      return new Crc32();
    case 'crc64':
      return new Crc64();
    case 'sha256': {
      const hash = createHash('sha256');
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
    }
  }
}

class Crc32 implements BlockCheck {
  #value = 0;

  update(bytes: Buffer): void {
    this.#value = crc32(bytes, this.#value);
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(this.#value);
    return bytes;
  }
}
