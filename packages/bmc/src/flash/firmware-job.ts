import { type Logger, type Progress, RateMeter } from '@turingpi/foundation';
import type { UploadSource } from '../api/upload-source.js';
import { BmcError } from '../errors/bmc-error.js';
import type { FlashApis } from './flash-apis.js';
import type { FlashLock } from './flash-lock.js';
import type { FlashTimings } from './flash-timings.js';
import { timeLimit } from '../session/time-limit.js';

import { watchTransfer } from './transfer-watch.js';

/** The updater's limit (docs/reference/bmc-protocol.md, "Firmware worker"): larger files fail after the upload. */
const LARGEST_FIRMWARE = 370 * 126_976;

/** BMC firmware to install. */
export interface FirmwareRequest {
  /** The `.tpu` file: its bytes, length and SHA-256 (hex). */
  readonly firmware: UploadSource & { readonly sha256: string };
  /** Of the file: newer firmware reads the version out of it and checks it at the next boot. Default `firmware.tpu`. */
  readonly name?: string;
  /** Put it in the place of firmware that waits for the next boot. */
  readonly replaceStaged?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: (progress: Progress) => void;
}

/**
 * Stages firmware on the BMC; it takes effect at the next reboot of the BMC, which is left to the caller.
 *
 * @throws BmcError BMC_FIRMWARE_FAILED, and the transfer errors of a flash
 */
export async function stageFirmware(
  { firmware, name, replaceStaged = false, signal, progress = () => undefined }: FirmwareRequest,
  parts: {
    readonly apis: FlashApis;
    readonly lock: FlashLock;
    readonly timings: FlashTimings;
    readonly logger: Logger;
  },
): Promise<void> {
  const { apis, lock, timings, logger } = parts;
  const { lengthBytes, sha256 } = firmware;
  if (lengthBytes <= 0 || lengthBytes > LARGEST_FIRMWARE) {
    throw new BmcError('BMC_FIRMWARE_FAILED', `a firmware of ${lengthBytes} bytes does not fit the BMC`, {
      hint: `Firmware files (.tpu) have at most ${LARGEST_FIRMWARE} bytes.`,
    });
  }
  const onWait = (note: string) => progress({ activity: 'wait for the board', note });
  await lock.run({ signal, logger, onWait }, async () => {
    const status = await apis.transfer.status({ signal });
    if (status.state === 'transferring') {
      throw new BmcError('BMC_FLASH_BUSY', 'the BMC is busy with a transfer of another client');
    }
    const source = { from: 'upload', name: announced(name), lengthBytes, sha256 } as const;
    const handle = await apis.transfer.startFirmware(source, { signal, replaceStaged });
    try {
      const meter = new RateMeter('upload', lengthBytes);
      const onSent = (bytes: number) => progress(meter.at(bytes));
      const watch = { signal, onSent, stallMs: timings.stallMs, answerMs: timings.flushStallMs };
      await apis.transfer.upload(handle, firmware, watch);
      const watched = {
        node: 'bmc',
        handle,
        from: 'upload',
        lengthBytes,
        rawSizeBytes: lengthBytes,
      } as const;
      await watchTransfer(watched, { api: apis.transfer, timings, signal, progress });
    } catch (failure) {
      await endTransfer(handle, apis, timings).catch((cause: unknown) => {
        logger.warn({ cause }, 'could not end a firmware transfer that failed');
      });
      throw failure;
    }
  });
}

/** Ends our transfer if it is still there; another client's is left alone. */
async function endTransfer(handle: number, apis: FlashApis, timings: FlashTimings): Promise<void> {
  const options = { signal: timeLimit(timings.recoveryMs) };
  const status = await apis.transfer.status(options);
  if (status.state === 'transferring' && status.handle === handle) await apis.transfer.cancel(options);
}

/** The name reaches a shell on the BMC: one that is more than a plain name is not passed on. */
function announced(name: string | undefined): string {
  return name !== undefined && /^(?!http)[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.tpu$/.test(name)
    ? name
    : 'firmware.tpu';
}
