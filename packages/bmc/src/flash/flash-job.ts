import { setTimeout as sleep } from 'node:timers/promises';
import { assertPermit, type Progress, withNamedNodes } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import { resumeTransfer, type Unfinished } from './earlier-transfer.js';
import { failureAfter } from './flash-failure.js';
import type { FlashJobParts } from './flash-job-parts.js';
import { inspectBoard, type Preparation, prepareBoard, refuseWhileBusy } from './flash-preparation.js';
import { recover } from './flash-recovery.js';
import { settleBoard } from './settle-board.js';
import { TargetGuard } from './target-guard.js';
import type { FlashRequest, FlashResult } from './flash-request.js';
import { discard, type PreparedImage, prepareImage } from './image-upload.js';
import { mayPass } from './may-pass.js';
import { newTransferRecord } from './new-transfer-record.js';
import { UNKNOWN_NODES } from './other-nodes.js';
import type { TransferRecord } from './transfer-journal.js';
import { watchTransfer } from './transfer-watch.js';
import { uploadReporter } from './upload-reporter.js';

/**
 * More of an upload than the BMC and the sockets of both ends hold before its first byte is on the storage
 * (docs/reference/bmc-protocol.md, "Upload").
 */
const MOST_IN_BUFFERS = 32 << 20;
const DEFAULT_ATTEMPTS = 2;

/**
 * Flashes one node through the BMC, from the queue for the board to the verified end.
 *
 * @remarks The flow is docs/reference/bmc-protocol.md, "Flow of a flash". It succeeds only when the upload was accepted
 * and the transfer with our own handle went to `Done`; the node is off then. After a failure or abort the transfer is
 * cancelled, the node off and the USB setting as it was, or the error says what could not be done.
 */
export class FlashJob {
  readonly #signal: AbortSignal;
  readonly #progress: (progress: Progress) => void;

  constructor(
    private readonly request: FlashRequest,
    private readonly parts: FlashJobParts,
  ) {
    this.#signal = request.signal ?? new AbortController().signal;
    this.#progress = request.progress ?? (() => undefined);
  }

  /** Runs the job once it is the board's turn. */
  async run(): Promise<FlashResult> {
    const { node } = this.request;
    assertPermit(this.request.permit, { node, disk: 'emmc' });
    return await withNamedNodes([node], 'flash', () => this.#queued());
  }

  async #queued(): Promise<FlashResult> {
    const { lock, logger } = this.parts;
    const onWait = (note: string) => this.#progress({ activity: 'wait for the board', note });
    return await lock.run({ signal: this.#signal, logger, onWait }, async () => {
      const carried = await resumeTransfer(this.request, {
        ...this.parts,
        signal: this.#signal,
        progress: this.#progress,
      });
      if ('result' in carried) {
        // The run that began it may have died before the records learnt of it.
        await this.request.permit?.begin({ node: this.request.node, disk: 'emmc' });
        return carried.result;
      }
      return await this.#attempts(carried);
    });
  }

  async #attempts({ unrestored, remarks }: Unfinished): Promise<FlashResult> {
    const attempts = this.request.attempts ?? DEFAULT_ATTEMPTS;
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await this.#attempt(unrestored);
        return { ...result, remarks: [...remarks, ...result.remarks] };
      } catch (failure) {
        if (attempt >= attempts || !mayPass(failure, this.request.image)) throw failure;
        this.parts.logger.warn({ code: failure.code, attempt }, 'flash failed, trying again');
        this.#progress({ activity: 'wait for the board', note: `trying again: ${failure.message}` });
        await this.#pause(this.parts.timings.retryDelayMs);
      }
    }
  }

  async #attempt(unrestored: TransferRecord | undefined): Promise<FlashResult> {
    const { apis, journal, timings } = this.parts;
    const started = performance.now();
    const prepared = await prepareImage(
      this.request.image,
      await apis.capabilities({ signal: this.#signal }),
      this.#signal,
    );
    try {
      const { node } = this.request;
      const before = await inspectBoard(this.request, { apis, timings, signal: this.#signal });
      let current = newTransferRecord(node, { prepared, before, unrestored });
      const note = (change: Partial<TransferRecord>) => journal.write((current = { ...current, ...change }));
      await journal.write(current); // from now on nobody of ours switches another node on
      const guard = await this.#guard(before, unrestored);
      let handle: number;
      try {
        await prepareBoard(node, before, apis, timings, this.#signal);
        await this.parts.booting.remove(node);
        await guard?.directlyBeforeStart();
        await refuseWhileBusy(apis, timings, this.#signal);
        handle = await this.#transfer(prepared, note, guard);
        await this.#assertStillOurs(); // an end carries no handle: it may be that of somebody who took over
      } catch (failure) {
        throw await this.#recovered(current, failure);
      }
      // `Done` was seen: what happens on the board from here on is not what was flashed.
      const remarks = [...before.remarks, ...(await settleBoard(current, this.parts))];
      const doubt = await guard?.afterEnd();
      const { flashTargetsPort } = await apis.capabilities({ signal: this.#signal });
      const isShown = !before.hub || (guard !== undefined && flashTargetsPort);
      const targetProven = isShown && doubt === undefined;
      const durationMs = performance.now() - started;
      const result = { ...this.#result(prepared, handle), durationMs, targetProven };
      return { ...result, remarks: doubt === undefined ? remarks : [...remarks, doubt] };
    } finally {
      if (prepared.image) discard(prepared.image);
    }
  }

  /**
   * Looks at the other modules while nothing is changed yet.
   *
   * @remarks Also with firmware that looks at the port of the slot: nobody has seen that hold with two modules.
   * @returns what looks again later; undefined when the caller answers for the others
   */
  async #guard(
    { hub }: Preparation,
    unrestored: TransferRecord | undefined,
  ): Promise<TargetGuard | undefined> {
    const { apis, booting, journal, timings } = this.parts;
    const { node, otherNodes = UNKNOWN_NODES } = this.request;
    const signal = this.#signal;
    if (otherNodes === 'keep') return undefined;
    const onWait = (note: string) => this.#progress({ activity: 'wait for the board', note });
    const guard = new TargetGuard(node, hub ? 'hub' : 'single', {
      ...{ apis, booting, timings, others: otherNodes, onWait, signal },
    });
    try {
      await guard.beforeStart();
      return guard;
    } catch (refusal) {
      await (unrestored ? journal.write(unrestored) : journal.clear());
      throw refusal;
    }
  }

  /** From the start request to `Done`. */
  async #transfer(
    { source, image, rawSizeBytes }: PreparedImage,
    note: (change: Partial<TransferRecord>) => Promise<void>,
    guard: TargetGuard | undefined,
  ): Promise<number> {
    const { apis, timings } = this.parts;
    const { node } = this.request;
    this.#progress({
      activity: image ? 'upload' : 'write',
      done: 0,
      ...(image ? { total: image.lengthBytes, unit: 'bytes' } : {}),
      note: 'the BMC starts the module',
    });
    await this.request.permit?.begin({ node, disk: 'emmc' });
    await note({ started: true });
    const handle = await apis.transfer.startFlash(node, source, {
      signal: this.#signal,
      skipReadback: this.request.skipReadback ?? false,
    });
    await note({ handle });
    if (image) {
      const { stream, lengthBytes } = image;
      const report = uploadReporter(lengthBytes, this.#progress);
      const onSent = (sent: number): void => {
        if (sent > MOST_IN_BUFFERS) guard?.broughtUp();
        report(sent);
      };
      const watch = {
        signal: this.#signal,
        onSent,
        stallMs: timings.stallMs,
        answerMs: timings.flushStallMs,
      };
      await apis.transfer.upload(handle, { stream, lengthBytes }, watch);
    }
    if (!image) await note({ uploaded: true });
    const onBroughtUp = async (): Promise<void> => {
      guard?.broughtUp();
      await note({ uploaded: true, broughtUp: true });
    };
    if (image) await onBroughtUp(); // it was handed on to the storage
    const { from } = source;
    const watched = { node, handle, from, lengthBytes: image?.lengthBytes, rawSizeBytes };
    const context = { api: apis.transfer, timings, signal: this.#signal, progress: this.#progress };
    await watchTransfer(watched, { ...context, ...(image ? {} : { onBroughtUp }) });
    return handle;
  }

  /** @throws BmcError BMC_FLASH_SUPERSEDED */
  async #assertStillOurs(): Promise<void> {
    if ((await this.request.isStillOurs?.()) !== false) return;
    const { node } = this.request;
    throw new BmcError(
      'BMC_FLASH_SUPERSEDED',
      `the flash of node ${node} was taken over by another computer`,
      {
        details: { node },
      },
    );
  }

  async #recovered(record: TransferRecord, failure: unknown): Promise<unknown> {
    const { apis, journal, timings, logger } = this.parts;
    const { isStillOurs } = this.request;
    const recovery = await recover(record, failure, { apis, timings, logger, isStillOurs });
    if (recovery.nodeOff && recovery.usbRestored) await journal.clear();
    return failureAfter(failure, { record, from: fromOf(this.request.image) }, recovery, this.#signal);
  }

  #result(
    { image, rawSizeBytes }: PreparedImage,
    handle: number,
  ): Omit<FlashResult, 'durationMs' | 'remarks' | 'targetProven'> {
    const { node } = this.request;
    const bytesSent = image?.lengthBytes ?? 0;
    return { node, handle, format: image?.format, bytesSent, rawSizeBytes, followed: false };
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#signal }).catch(() => this.#signal.throwIfAborted());
  }
}

function fromOf(image: FlashRequest['image']): 'upload' | 'url' | 'bmc-file' {
  return 'from' in image ? image.from : 'upload';
}
