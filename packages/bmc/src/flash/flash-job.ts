import { setTimeout as sleep } from 'node:timers/promises';
import { assertPermit, type NodeId, type Progress } from '@turingpi/core/plugin';
import { BmcError } from '../errors/bmc-error.js';
import { resumeTransfer } from './earlier-transfer.js';
import { failureAfter } from './flash-failure.js';
import type { FlashJobParts } from './flash-job-parts.js';
import { inspectBoard, type Preparation, prepareBoard, switchOff } from './flash-preparation.js';
import { recover, restoreUsb } from './flash-recovery.js';
import type { FlashRequest, FlashResult } from './flash-request.js';
import { discard, type PreparedImage, prepareImage } from './image-upload.js';
import type { OtherNodes } from './other-nodes.js';
import { RateMeter } from './rate-meter.js';
import type { TransferRecord } from './transfer-journal.js';
import { watchTransfer } from './transfer-watch.js';

/** Failures that may pass, when the board could be restored in between. */
const WORTH_ANOTHER_ATTEMPT = [
  'BMC_FLASH_INTERRUPTED',
  'BMC_FLASH_SEND_TIMEOUT',
  'BMC_FLASH_STATE_REFUSED',
  'BMC_FLASH_MODULE_NOT_FOUND',
  'BMC_FLASH_STORAGE_NOT_FOUND',
  'BMC_FLASH_CHECKSUM_MISMATCH',
  'BMC_FLASH_READBACK_MISMATCH',
  'BMC_FLASH_BMC_RESTARTED',
  'BMC_CONNECTION_LOST',
  'BMC_UNREACHABLE',
] as const;

const DEFAULT_ATTEMPTS = 2;
const REPORT_EVERY_MS = 200;

/** Nothing is known about the other modules: only what their consoles show counts. */
const UNKNOWN_NODES: OtherNodes = { managed: [], isRunning: () => Promise.resolve(false) };

/**
 * Flashes one node through the BMC, from the queue for the board to the verified end.
 *
 * @remarks Implements the flow of the API reference, section 6.9. It succeeds only when the upload was accepted and the
 * transfer with our own handle went to `Done`; the node is off then. After a failure or abort the transfer is
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
    assertPermit(this.request.permit, { node: this.request.node, disk: 'emmc' });
    const { lock, logger } = this.parts;
    const onWait = (note: string) => this.#progress({ activity: 'wait for the board', note });
    return await lock.run({ signal: this.#signal, logger, onWait }, async () => {
      const carried = await resumeTransfer(this.request, {
        ...this.parts,
        signal: this.#signal,
        progress: this.#progress,
      });
      if ('result' in carried) return carried.result;
      return await this.#attempts(carried.unrestored);
    });
  }

  async #attempts(unrestored: TransferRecord | undefined): Promise<FlashResult> {
    const attempts = this.request.attempts ?? DEFAULT_ATTEMPTS;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(unrestored);
      } catch (failure) {
        const restored = BmcError.is(failure) && failure.details['restored'] === true;
        if (attempt >= attempts || !restored || !BmcError.hasCode(failure, ...WORTH_ANOTHER_ATTEMPT))
          throw failure;
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
    let record: TransferRecord | undefined;
    try {
      const before = await inspectBoard(this.request.node, {
        apis,
        timings,
        signal: this.#signal,
        otherNodes: this.request.otherNodes ?? UNKNOWN_NODES,
      });
      let current = this.#record(prepared, before, unrestored);
      record = current;
      await journal.write(current);
      try {
        await prepareBoard(this.request.node, before, apis, timings, this.#signal);
        const note = (change: Partial<TransferRecord>) =>
          journal.write((current = { ...current, ...change }));
        const handle = await this.#transfer(prepared, note);
        await this.#finish(current);
        return this.#result(prepared, handle, performance.now() - started, before.remarks);
      } catch (failure) {
        throw await this.#recovered(current, failure);
      }
    } finally {
      if (prepared.image) discard(prepared.image);
      if (record) await this.#switchOthersOn(record);
    }
  }

  /** From the start request to `Done`. */
  async #transfer(
    { source, image, rawSizeBytes }: PreparedImage,
    note: (change: Partial<TransferRecord>) => Promise<void>,
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
      const onSent = this.#uploadReporter(lengthBytes);
      const watch = {
        signal: this.#signal,
        onSent,
        stallMs: timings.stallMs,
        answerMs: timings.flushStallMs,
      };
      await apis.transfer.upload(handle, { stream, lengthBytes }, watch);
    }
    await note({ uploaded: true });
    const watched = { node, handle, lengthBytes: image?.lengthBytes, rawSizeBytes };
    const context = { api: apis.transfer, timings, signal: this.#signal, progress: this.#progress };
    await watchTransfer(watched, context);
    return handle;
  }

  /** The daemon switches the node off and restores the USB setting before it says `Done`; this makes sure. */
  async #finish(record: TransferRecord): Promise<void> {
    const { apis, journal, timings } = this.parts;
    const signal = AbortSignal.timeout(timings.recoveryMs);
    await switchOff(record.node, apis, timings, { signal });
    await restoreUsb(record, apis, { signal });
    await journal.clear();
  }

  async #recovered(record: TransferRecord, failure: unknown): Promise<unknown> {
    const { apis, journal, timings, logger } = this.parts;
    const recovery = await recover(record, failure, { apis, timings, logger });
    if (recovery.nodeOff && recovery.usbRestored) await journal.clear();
    return failureAfter(failure, record.node, recovery, this.#signal);
  }

  async #switchOthersOn({ switchedOff }: TransferRecord): Promise<void> {
    if (switchedOff.length === 0) return;
    const { apis, logger, timings } = this.parts;
    try {
      const change: Partial<Record<NodeId, boolean>> = Object.fromEntries(
        switchedOff.map((id) => [id, true]),
      );
      await apis.power.set(change, { signal: AbortSignal.timeout(timings.recoveryMs) });
    } catch (cause) {
      logger.warn({ cause, nodes: switchedOff }, 'could not switch other nodes on again');
    }
  }

  #record(
    { image, identity, rawSizeBytes }: PreparedImage,
    before: Preparation,
    unrestored: TransferRecord | undefined,
  ): TransferRecord {
    return {
      node: this.request.node,
      format: image?.format,
      sha256: identity,
      lengthBytes: image?.lengthBytes,
      rawSizeBytes,
      started: false,
      uploaded: false,
      usb: before.usb,
      node1UsedPort: before.node1UsedPort || (unrestored?.node1UsedPort ?? false),
      switchedOff: [...new Set([...before.switchedOff, ...(unrestored?.switchedOff ?? [])])],
      startedAt: new Date().toISOString(),
    };
  }

  #result(
    { image, rawSizeBytes }: PreparedImage,
    handle: number,
    durationMs: number,
    remarks: readonly string[],
  ): FlashResult {
    const { node } = this.request;
    const bytesSent = image?.lengthBytes ?? 0;
    return {
      node,
      handle,
      format: image?.format,
      bytesSent,
      rawSizeBytes,
      durationMs,
      followed: false,
      remarks,
    };
  }

  #uploadReporter(total: number): (sent: number) => void {
    const meter = new RateMeter('upload', total);
    let reportedAt = 0;
    return (sent) => {
      const now = performance.now();
      if (now - reportedAt < REPORT_EVERY_MS && sent < total) return;
      reportedAt = now;
      this.#progress(meter.at(sent));
    };
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#signal }).catch(() => this.#signal.throwIfAborted());
  }
}
