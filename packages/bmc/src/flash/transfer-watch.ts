import { setTimeout as sleep } from 'node:timers/promises';
import { type NodeId, type Progress, RateMeter } from '@turingpi/foundation';
import { printable } from '../api/reply.js';
import type { TransferApi } from '../api/transfer-api.js';
import type { TransferStatus } from '../api/transfer-status.js';
import { BmcError } from '../errors/bmc-error.js';
import { DISK_WENT_AWAY } from '../errors/bmc-hints.js';
import { meaningOfText, type TextMeaning } from '../errors/reply-text.js';
import type { FlashTimings } from './flash-timings.js';

/** Between two looks when the end is near, in milliseconds. */
const SHORTEST_POLL_MS = 200;

/** A transfer of ours whose bytes are all with the BMC. */
export interface WatchedTransfer {
  /** What is written: a node's storage, or the BMC's own firmware. */
  readonly node: NodeId | 'bmc';
  readonly handle: number;
  /** Where its bytes come from. */
  readonly from: 'upload' | 'url' | 'bmc-file';
  /** As declared in the start request; undefined when the BMC finds it out. */
  readonly lengthBytes: number | undefined;
  /** Undefined when nobody knows it beforehand. */
  readonly rawSizeBytes: number | undefined;
}

/**
 * Follows a transfer of ours to its end, with progress in two phases: `write`, then `verify`.
 *
 * @remarks Outcomes as in docs/reference/bmc-protocol.md, "Status of a transfer": an end carries no handle, so it is
 * ours only if nothing else was seen in between.
 *
 * @throws BmcError with the meaning of the BMC's error, BMC_FLASH_SUPERSEDED, BMC_FLASH_STALLED,
 * BMC_FLASH_BMC_RESTARTED, BMC_FLASH_INTERRUPTED
 */
export async function watchTransfer(
  transfer: WatchedTransfer,
  context: {
    readonly api: TransferApi;
    readonly timings: FlashTimings;
    readonly signal: AbortSignal | undefined;
    readonly progress: (progress: Progress) => void;
    /** Called once, when the storage is known to have been found. */
    readonly onBroughtUp?: () => Promise<void>;
  },
): Promise<void> {
  const { api, timings, signal, progress } = context;
  let { onBroughtUp } = context;
  let meter = new RateMeter('write', transfer.rawSizeBytes);
  let pace = new PollPace(transfer.rawSizeBytes, timings.pollMs);
  let last = -1;
  let movedAt = performance.now();
  let seenAt = performance.now();
  for (;;) {
    let status: TransferStatus;
    try {
      status = await api.status({ signal, busyMs: timings.stallMs });
      seenAt = performance.now();
    } catch (cause) {
      if (!BmcError.hasCode(cause, 'BMC_UNREACHABLE', 'BMC_CONNECTION_LOST')) throw cause;
      if (performance.now() - seenAt > timings.gapMs) throw lost(transfer, cause);
      await sleep(timings.pollMs, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
      continue;
    }
    if (isOurSuccess(status, transfer)) return;
    const { bytesWritten } = status;
    if (bytesWritten !== last) {
      if (bytesWritten < last) {
        meter = new RateMeter('verify', transfer.rawSizeBytes);
        pace = new PollPace(transfer.rawSizeBytes, timings.pollMs);
      }
      if (bytesWritten > 0) {
        await onBroughtUp?.();
        onBroughtUp = undefined;
      }
      last = bytesWritten;
      movedAt = performance.now();
      progress(meter.at(bytesWritten));
    }
    const limitMs =
      bytesWritten >= (transfer.rawSizeBytes ?? Infinity) ? timings.flushStallMs : timings.stallMs;
    if (performance.now() - movedAt > limitMs) throw stalled(transfer, limitMs);
    const pauseMs = pace.next(bytesWritten);
    await sleep(pauseMs, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}

/** How long to wait before the next look: as long as usual, and less when the end of the pass is near. */
class PollPace {
  readonly #startedAt = performance.now();

  constructor(
    private readonly totalBytes: number | undefined,
    private readonly pollMs: number,
  ) {}

  next(bytesDone: number): number {
    if (this.totalBytes === undefined) return this.pollMs;
    const passedMs = performance.now() - this.#startedAt;
    const leftMs = (passedMs / Math.max(1, bytesDone)) * Math.max(0, this.totalBytes - bytesDone);
    return Math.max(Math.min(this.pollMs, SHORTEST_POLL_MS), Math.min(this.pollMs, leftMs / 2));
  }
}

/** True for our `Done`, false while ours runs; every other status is an error. */
function isOurSuccess(
  status: TransferStatus,
  { node, handle, from, lengthBytes }: WatchedTransfer,
): status is Exclude<TransferStatus, { state: 'transferring' }> {
  switch (status.state) {
    case 'transferring':
      if (status.handle === handle) return false;
      throw superseded(node, status.process);
    case 'done':
      if (lengthBytes === undefined || status.sizeBytes === lengthBytes) return true;
      throw superseded(node, `a transfer of ${status.sizeBytes} bytes`);
    case 'ready':
      throw new BmcError(
        'BMC_FLASH_BMC_RESTARTED',
        `the BMC's daemon was restarted while it flashed ${named(node)}`,
      );
    case 'error':
      throw transferError(node, status.text, from);
  }
}

/** The error that a transfer ended with. */
export function transferError(
  node: NodeId | 'bmc',
  text: string,
  from: WatchedTransfer['from'] | undefined,
): BmcError {
  const meaning = meaningIn(text, from);
  return new BmcError(
    meaning?.code ?? 'BMC_FLASH_FAILED',
    `flashing ${named(node)} failed: "${printable(text)}"`,
    {
      ...(meaning && { hint: meaning.advice }),
      details: { node, text: printable(text) },
    },
  );
}

/** What is missing or cannot be opened is the image only when the BMC reads that from a file of its own. */
function meaningIn(text: string, from: WatchedTransfer['from'] | undefined): TextMeaning | undefined {
  const meaning = meaningOfText(text);
  if (meaning?.code !== 'BMC_FLASH_FILE_UNUSABLE' || from === undefined || from === 'bmc-file')
    return meaning;
  return { code: 'BMC_FLASH_IO_ERROR', advice: DISK_WENT_AWAY };
}

/** The error for a slot that someone else has taken. */
export function superseded(node: NodeId | 'bmc', by: string): BmcError {
  return new BmcError(
    'BMC_FLASH_SUPERSEDED',
    `another client took over the BMC while it flashed ${named(node)}: ${printable(by)}`,
    {
      hint: 'What was being written is not usable now. See that only one program flashes this board, then try again.',
      details: { node },
    },
  );
}

function lost({ node }: WatchedTransfer, cause: unknown): BmcError {
  return new BmcError('BMC_FLASH_INTERRUPTED', `the BMC went away while it flashed ${named(node)}`, {
    cause,
    hint: 'Its daemon may have run out of memory: `/etc/init.d/S94bmcd restart` on the BMC starts it again. Then try again.',
    details: { node },
  });
}

function stalled({ node, from }: WatchedTransfer, limitMs: number): BmcError {
  return new BmcError(
    'BMC_FLASH_STALLED',
    `flashing ${named(node)} has not moved for ${Math.round(limitMs / 1000)} s`,
    {
      hint:
        from === 'url'
          ? 'The server that the BMC downloads from may have stopped sending, or the module takes nothing any more. See that the address answers, then try again.'
          : 'The storage of the module may be defective. Switch the whole board off and on, then try again.',
      details: { node },
    },
  );
}

function named(node: NodeId | 'bmc'): string {
  return node === 'bmc' ? 'the firmware of the BMC' : `node ${node}`;
}
