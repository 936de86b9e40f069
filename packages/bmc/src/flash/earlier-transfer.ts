import { setTimeout as sleep } from 'node:timers/promises';
import { type Progress, withNamedNodes } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import { failureAfter } from './flash-failure.js';
import type { FlashJobParts } from './flash-job-parts.js';
import { isOurs, recover } from './flash-recovery.js';
import type { FlashRequest, FlashResult } from './flash-request.js';
import { discard, remoteIdentity } from './image-upload.js';
import type { TransferRecord } from './transfer-journal.js';
import { settleBoard } from './settle-board.js';
import { watchTransfer } from './transfer-watch.js';
import { describeUnwatchedEnd } from './unwatched-end.js';

/** What an earlier run of ours left behind on the board. */
export type Earlier =
  /** Its transfer was what is asked for now, and it has come to its good end. */
  { readonly result: FlashResult } | Unfinished;

/** Nothing that counts as done. */
export interface Unfinished {
  /** It could not restore this; whoever flashes next does. */
  readonly unrestored: TransferRecord | undefined;
  /** What became of it, for the user. */
  readonly remarks: readonly string[];
}

interface EarlierContext extends FlashJobParts {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/**
 * Looks for the transfer of a run that crashed.
 *
 * @remarks
 * One whose upload was confirmed needs nobody: it is followed to its end instead of being killed. One whose upload was
 * not confirmed cannot succeed; it is ended and cleaned up. One that ended while nobody watched proves nothing, since
 * an end carries no handle: the node is flashed again.
 */
export async function resumeTransfer(request: FlashRequest, context: EarlierContext): Promise<Earlier> {
  const record = await context.journal.read();
  if (!record) return { unrestored: undefined, remarks: [] };
  // Whoever approved that flash named its node.
  return await withNamedNodes([record.node], 'an earlier flash', () => resume(record, request, context));
}

async function resume(
  record: TransferRecord,
  request: FlashRequest,
  context: EarlierContext,
): Promise<Earlier> {
  const { apis, journal, logger, signal, timings } = context;
  const status = await apis.transfer.status({ signal });
  if (isOurs(status, record)) {
    logger.warn(
      { node: record.node, uploaded: record.uploaded },
      'a transfer of an earlier run is still on the BMC',
    );
    context.progress({
      activity: 'wait for the board',
      note: `an earlier flash of node ${record.node} is still running`,
    });
    if (record.uploaded && record.handle !== undefined) {
      const followed = await follow({ ...record, handle: record.handle }, request, context);
      if (followed) return { result: followed };
    } else {
      await untilEnded(record, context);
      await recover(record, undefined, { apis, timings, logger });
    }
  } else if (status.state !== 'transferring' && record.node === request.node) {
    // Its bring-up may have left the node on and USB routed.
    await recover(record, undefined, { apis, timings, logger });
  }
  await journal.clear();
  const end = describeUnwatchedEnd(record, status);
  if (end !== undefined) context.progress({ activity: 'wait for the board', note: end });
  return { unrestored: record, remarks: end === undefined ? [] : [end] };
}

async function follow(
  record: TransferRecord & { readonly handle: number },
  request: FlashRequest,
  context: EarlierContext,
): Promise<FlashResult | undefined> {
  const { apis, timings, signal, progress, logger } = context;
  const started = performance.now();
  const { node, handle, lengthBytes, rawSizeBytes } = record;
  const from = record.format ? 'upload' : record.sha256.startsWith('url ') ? 'url' : 'bmc-file';
  const watched = { node, handle, from, lengthBytes, rawSizeBytes } as const;
  try {
    await watchTransfer(watched, { api: apis.transfer, timings, signal, progress });
  } catch (cause) {
    if (signal.aborted) throw signal.reason; // it goes on, and the journal still knows it
    if (!BmcError.is(cause)) throw cause;
    logger.warn({ code: cause.code }, 'the transfer of the earlier run failed');
    const recovery = await recover(record, cause, { apis, timings, logger });
    // Nothing was settled: the next run has to find it as this one did.
    if (recovery.refused) throw failureAfter(cause, { record, from }, recovery, signal);
    return undefined;
  }
  const remarks = await settleBoard(record, context);
  if (record.node !== request.node || !(await isSameImage(record, request, signal))) return undefined;
  const { bus } = await apis.usb.get({ signal });
  return {
    node: record.node,
    handle: record.handle,
    format: record.format,
    bytesSent: record.lengthBytes ?? 0,
    rawSizeBytes: record.rawSizeBytes,
    durationMs: performance.now() - started,
    followed: true,
    targetProven: bus === 'single' || (await apis.capabilities({ signal })).flashTargetsPort,
    remarks: [`the flash of an earlier run, begun ${record.startedAt}, was followed to its end`, ...remarks],
  };
}

async function isSameImage(
  record: TransferRecord,
  { image: wanted }: FlashRequest,
  signal: AbortSignal,
): Promise<boolean> {
  if ('from' in wanted) return record.sha256 === remoteIdentity(wanted);
  if (!record.format || (record.format === 'xz' && wanted.format !== 'xz')) return false;
  const image = await wanted.open(record.format, signal);
  discard(image);
  return image.sha256 === record.sha256;
}

/** The client of this upload is gone: the BMC notices within seconds, or after 10 s when it had not begun. */
async function untilEnded(record: TransferRecord, { apis, timings, signal }: EarlierContext): Promise<void> {
  const until = performance.now() + timings.abandonedMs;
  while (performance.now() < until && isOurs(await apis.transfer.status({ signal }), record)) {
    await sleep(timings.pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
