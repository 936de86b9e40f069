import { randomFillSync } from 'node:crypto';

/** Makes packets as its cipher wants them: header, room for the payload, padding and what comes after. */
export interface PacketCipher {
  allocPacket(payloadBytes: number): Buffer;
}

/** Packets that carry bulk data; of those of commands there are few, and of all lengths. */
const LEAST_BYTES = 16 * 1024;
/** Free packets kept: a whole window of OpenSSH's (2 MiB of 32 KiB packets). */
const MOST_FREE = 64;
/** In front of the payload: the packet's length, and the padding's (RFC 4253 section 6). */
const HEADER_BYTES = 5;
const RANDOM_BYTES = 4096;

/**
 * Packets of the largest payload, which is that of all bulk data but its ends: those that were sent are used again.
 *
 * @remarks A buffer for each packet of an upload is memory of which the garbage collector is told: it runs every
 * 64 MiB, which took half of the time of an upload.
 */
export class PacketPool {
  readonly #random = Buffer.allocUnsafe(RANDOM_BYTES);
  #unused = 0;
  #cipher: PacketCipher | undefined;
  #payloadBytes = LEAST_BYTES - 1;
  #header = Buffer.alloc(0);
  #free: Buffer[] = [];
  /** Those that are under way, by their memory: a cipher may send only their beginning, and the rest from elsewhere. */
  #lent = new WeakMap<ArrayBufferLike, Buffer>();

  /** A packet with a header and padding, for the cipher in use. */
  take(payloadBytes: number, cipher: PacketCipher): Buffer {
    if (payloadBytes < this.#payloadBytes) return cipher.allocPacket(payloadBytes);
    const same = payloadBytes === this.#payloadBytes && cipher === this.#cipher;
    const used = same ? this.#free.pop() : undefined;
    const packet = used === undefined ? cipher.allocPacket(payloadBytes) : this.#renewed(used);
    if (!same) this.#begin(packet, payloadBytes, cipher);
    if (packet.byteOffset === 0) this.#lent.set(packet.buffer, packet); // else its memory is not its own
    return packet;
  }

  /** Takes the memory of a packet back, when all of it was written. */
  give(memory: ArrayBufferLike): void {
    const packet = this.#lent.get(memory);
    if (packet === undefined) return;
    this.#lent.delete(memory);
    if (this.#free.length < MOST_FREE) this.#free.push(packet);
  }

  #begin(first: Buffer, payloadBytes: number, cipher: PacketCipher): void {
    this.#cipher = cipher;
    this.#payloadBytes = payloadBytes;
    this.#header = Buffer.from(first.subarray(0, HEADER_BYTES));
    this.#free = [];
    this.#lent = new WeakMap();
  }

  /** Header and padding as those of a new packet: the cipher may have written over both. */
  #renewed(packet: Buffer): Buffer {
    packet.set(this.#header);
    const padding = this.#header[HEADER_BYTES - 1] ?? 0;
    if (this.#unused < padding) {
      randomFillSync(this.#random);
      this.#unused = RANDOM_BYTES;
    }
    const random = this.#random.subarray(this.#unused - padding, this.#unused);
    packet.set(random, HEADER_BYTES + this.#payloadBytes);
    this.#unused -= padding;
    return packet;
  }
}
