import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeId } from '@turingpi/foundation';
import type { ConsoleApi } from '../api/console-api.js';
import { BmcError } from '../errors/bmc-error.js';
import { ConsoleRing } from './console-ring.js';
import { followLiveConsole } from './follow-live-console.js';

/** A boot prints up to 11 KB a second into a buffer of 16 KiB: look at least this often. */
const POLL_MS = 700;
/** So much since the last look is what a full line speed does, or more. */
const MUCH = 8 * 1024;
/** The BMC may be away for as long as its restart takes. */
const GAP_MS = 120_000;

/** Options of {@link followConsole}. */
export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Whether the firmware keeps what was read. */
  readonly keepsHistory: boolean;
  /** Whether it offers live consoles; where it opens none all the same, the buffer is looked at again and again. */
  readonly live?: boolean;
  /** Begin with what the buffer still holds, instead of with what is printed from now on. */
  readonly fromStart?: boolean;
  /** Called when output was lost: the node printed more between two looks than the BMC keeps. */
  readonly onLost?: () => void;
  /** Told of each live line as it opens, on which one may type, and of none when the buffer is looked at instead. */
  readonly onLine?: (line: Writable | undefined) => void;
  readonly pollMs?: number;
  /** How long the BMC may be unreachable, in milliseconds. */
  readonly gapMs?: number;
}

/** After one of these no live console is asked for again: none is opened, or everybody else would wait for its end. */
const NOT_LIVE = [
  'BMC_NOT_SUPPORTED',
  'BMC_REQUEST_REFUSED',
  'BMC_INTERNAL_ERROR',
  'BMC_PROTOCOL',
  'BMC_BUSY',
] as const;

/** What a node prints on its serial console, until the signal fires. */
export async function* followConsole(
  api: ConsoleApi,
  node: NodeId,
  options: FollowOptions,
): AsyncGenerator<string, void, undefined> {
  const { signal, keepsHistory, fromStart = false, onLost, onLine } = options;
  const { pollMs = POLL_MS, gapMs = GAP_MS } = options;
  const ring = new ConsoleRing(keepsHistory);
  let live = options.live === true && keepsHistory;
  let first = true;
  let heardAt = performance.now();
  if (!live) onLine?.(undefined);
  while (!signal.aborted) {
    try {
      if (live) {
        for await (const { text, from } of followLiveConsole(api, node, ring, { signal, onLine })) {
          heardAt = performance.now();
          if (ring.lost) onLost?.();
          if (text !== '' && (fromStart || !first || from === 'line')) yield text;
          first = false;
        }
      } else {
        const text = ring.next(await api.read(node, { signal }));
        heardAt = performance.now();
        if (ring.lost) onLost?.();
        if (text !== '' && (fromStart || !first)) yield text;
        first = false;
        if (text.length > MUCH) continue; // the next look must not come too late
      }
    } catch (cause) {
      if (isAborted(signal)) return;
      if (live && BmcError.hasCode(cause, ...NOT_LIVE)) {
        live = false;
        onLine?.(undefined);
        continue;
      }
      const passing = BmcError.hasCode(cause, 'BMC_UNREACHABLE', 'BMC_CONNECTION_LOST', 'BMC_BUSY');
      if (!passing || performance.now() - heardAt > gapMs) throw cause;
    }
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Read anew: the signal may have fired since the loop's condition was looked at. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
