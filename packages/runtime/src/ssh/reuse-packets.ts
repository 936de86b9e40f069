import type { Writable } from 'node:stream';
import type { Client } from 'ssh2';
import { type PacketCipher, PacketPool } from './packet-pool.js';

/** What puts a payload into a packet inside ssh2. */
interface PacketWriter {
  alloc(payloadBytes: number, force?: boolean): Buffer;
  /** Where the payload begins in a packet; 0 where packets are made later. */
  readonly allocStart: number;
}

interface ClientInside {
  readonly _sock?: Writable;
  readonly _protocol?: {
    /** Not undefined as long as keys are exchanged: payloads are kept, and packets are made of them afterwards. */
    readonly _kexinit?: unknown;
    readonly _cipher?: Partial<PacketCipher>;
    readonly _packetRW?: { write: PacketWriter };
  };
}

/** Where ssh2's writer without compression puts a payload. */
const PAYLOAD_START = 5;

/**
 * Makes a client that is logged in use the memory of its large packets again, and hand the system what it writes in one
 * turn as one.
 *
 * @remarks ssh2 offers no place for this, so it is done one level deeper, and only where what is found there is as
 * expected: else an upload is slower, and nothing else. After an exchange of keys ssh2 has another writer, which is taken as well.
 */
export function reusePackets(client: Client): void {
  const { _sock: socket, _protocol: protocol } = client as unknown as ClientInside;
  if (socket === undefined || protocol?._packetRW === undefined) return;
  const pool = new PacketPool();
  const take = (writer: PacketWriter): PacketWriter => {
    const allocate = writer.alloc.bind(writer);
    if (writer.allocStart !== PAYLOAD_START) return writer; // one that compresses
    writer.alloc = (payloadBytes, force) => {
      const { _kexinit: exchange, _cipher: cipher } = protocol;
      if (exchange !== undefined || typeof cipher?.allocPacket !== 'function')
        return allocate(payloadBytes, force);
      return pool.take(payloadBytes, cipher as PacketCipher);
    };
    return writer;
  };
  let writer = take(protocol._packetRW.write);
  Object.defineProperty(protocol._packetRW, 'write', {
    get: () => writer,
    set: (next: PacketWriter) => (writer = take(next)),
  });
  socket.write = writeTogether(socket, (memory) => pool.give(memory));
}

/** Writes of one turn go to the system as one, and are told of when they have gone. */
function writeTogether(socket: Writable, written: (memory: ArrayBufferLike) => void): Writable['write'] {
  const write = socket.write.bind(socket) as (data: unknown, done: (error?: Error | null) => void) => boolean;
  let corked = false;
  return (data: unknown, ...rest: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(() => {
        corked = false;
        socket.uncork();
      });
    }
    const done = rest.at(-1);
    return write(data, (error) => {
      if (data instanceof Uint8Array) written(data.buffer);
      if (typeof done === 'function') (done as (error?: Error | null) => void)(error);
    });
  };
}
