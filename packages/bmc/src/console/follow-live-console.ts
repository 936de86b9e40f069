import type { Duplex, Writable } from 'node:stream';
import type { NodeId } from '@turingpi/foundation';
import type { ConsoleApi } from '../api/console-api.js';
import type { ConsoleRing } from './console-ring.js';

/**
 * A live console that keeps the BMC from answering others for so long, in milliseconds, holds its lock as that of the
 * vendor's daemon does (docs/reference/bmc-protocol.md, "Fork: live console").
 */
const HELD_MS = 3000;

/**
 * What a node prints, over one live console: first what the BMC's buffer has and `ring` does not, then what arrives.
 *
 * @remarks
 * It is opened before the buffer is read, so that nothing is missed in between. What arrives until then is in the buffer
 * as well, and is told once. That read also shows whether the BMC still answers while the console is open.
 *
 * @param ring - what was seen before; it knows afterwards what was seen here, so that another look goes on from there
 * @param options - `onLine`: told of the line, on which one may type, once it is known that the BMC answers others beside it
 * @returns when the BMC ends it, or the signal fires
 * @throws BmcError BMC_BUSY when the BMC answers nobody now: the console is closed, and should not be opened again
 */
export async function* followLiveConsole(
  api: ConsoleApi,
  node: NodeId,
  ring: ConsoleRing,
  {
    signal,
    onLine,
  }: { readonly signal: AbortSignal; readonly onLine?: ((line: Writable) => void) | undefined },
): AsyncGenerator<{ readonly text: string; readonly from: 'buffer' | 'line' }, void, undefined> {
  const stream = await api.open(node, { signal });
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  try {
    const before = await api.read(node, { signal, busyMs: HELD_MS });
    onLine?.(stream);
    yield { text: ring.next(before), from: 'buffer' };
    const meanwhile = stream.read() as Buffer | null;
    if (meanwhile) yield { text: ring.next(decoder.decode(meanwhile, { stream: true })), from: 'line' };
    for await (const bytes of untilEnded(stream)) {
      const text = decoder.decode(bytes, { stream: true });
      ring.add(text);
      yield { text, from: 'line' };
    }
  } finally {
    stream.destroy();
  }
}

/** That a connection breaks, or is ended by its signal, is an end like others. */
async function* untilEnded(stream: Duplex): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (cause) {
    if (!stream.destroyed) throw cause;
  }
}
