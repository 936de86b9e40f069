import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger, NodeId } from '@turingpi/core/plugin';
import { nodeOfProcess, type TransferStatus } from '../api/transfer-status.js';
import { BmcError } from '../errors/bmc-error.js';
import type { FlashApis } from './flash-apis.js';
import type { FlashTimings } from './flash-timings.js';
import type { TransferRecord } from './transfer-journal.js';

/** What a recovery found and did. */
export interface Recovery {
  /** How the transfer had ended on the BMC before we touched it; undefined when the BMC could not be asked. */
  readonly status: TransferStatus | undefined;
  /** Someone else's transfer is running; it was left alone, and with it the USB routing. */
  readonly foreign: boolean;
  readonly nodeOff: boolean;
  readonly usbRestored: boolean;
}

/** Errors of the bring-up, after which the daemon does not clean up (API reference, section 6.7). */
export const WITHOUT_CLEANUP: ReadonlySet<string> = new Set([
  'BMC_FLASH_MODULE_NOT_FOUND',
  'BMC_FLASH_STORAGE_NOT_FOUND',
  'BMC_FLASH_SEVERAL_MODULES',
  'BMC_FLASH_OTHER_PORT',
  'BMC_FLASH_RPIBOOT_FAILED',
  'BMC_FLASH_USB_FAILED',
]);

/**
 * After a failed or aborted transfer of ours: ends it, waits for the daemon's own cleanup, switches the node off and
 * restores the USB setting.
 *
 * @remarks Has its own time limit and never the caller's signal: it is needed most after an abort. It never throws: what
 * could not be done is in the result.
 */
export async function recover(
  record: TransferRecord,
  failure: unknown,
  context: { readonly apis: FlashApis; readonly timings: FlashTimings; readonly logger: Logger },
): Promise<Recovery> {
  const { apis, timings, logger } = context;
  const signal = AbortSignal.timeout(timings.recoveryMs);
  const options = { signal, busyMs: timings.recoveryMs };
  const outcome = {
    status: undefined as TransferStatus | undefined,
    foreign: false,
    nodeOff: false,
    usbRestored: false,
  };
  try {
    const status = await patiently(() => apis.transfer.status(options), timings, signal);
    outcome.status = status;
    outcome.foreign = isForeign(status, record);
    if (status.state === 'transferring' && !outcome.foreign) await apis.transfer.cancel(options);
    if (!outcome.foreign && !BmcError.hasCode(failure, ...(WITHOUT_CLEANUP as Set<never>))) {
      await waitForCleanup(record.node, context, signal);
    }
    if (outcome.foreign && status.state === 'transferring' && nodeOfProcess(status.process) === record.node)
      return outcome;
    await patiently(() => apis.power.off(record.node, options), timings, signal);
    outcome.nodeOff = (await apis.power.get(options))[record.node] === 'off';
    if (outcome.foreign) return outcome;
    await restoreUsb(record, apis, options);
    outcome.usbRestored = true;
  } catch (cause) {
    logger.warn({ cause, node: record.node }, 'could not restore the board after a failed flash');
  }
  return outcome;
}

/** Puts the USB setting back; a stored `flash` mode is not put back, it would keep the node from booting. */
export async function restoreUsb(
  record: Pick<TransferRecord, 'usb' | 'node1UsedPort'>,
  apis: FlashApis,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  await apis.usb.set(
    { ...record.usb, mode: record.usb.mode === 'flash' ? 'device' : record.usb.mode },
    options,
  );
  if (record.node1UsedPort) await apis.usb.setNode1UsesPort(true, options);
}

/** Until the node is stored as off, and stays so: a worker in its bring-up may switch it on again first. */
async function waitForCleanup(
  node: NodeId,
  { apis, timings }: { readonly apis: FlashApis; readonly timings: FlashTimings },
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + timings.cleanupMs;
  let offSince: number | undefined;
  while (performance.now() < until) {
    const power = await patiently(() => apis.power.get({ signal }), timings, signal);
    if (power[node] !== 'off') offSince = undefined;
    else if (performance.now() - (offSince ??= performance.now()) >= timings.settleMs) return;
    await sleep(Math.min(timings.pollMs, timings.settleMs), undefined, { signal });
  }
}

/** Asks again while the BMC cannot be reached, until the signal fires. */
async function patiently<T>(ask: () => Promise<T>, timings: FlashTimings, signal: AbortSignal): Promise<T> {
  const until = performance.now() + timings.gapMs;
  for (;;) {
    try {
      return await ask();
    } catch (cause) {
      if (!BmcError.hasCode(cause, 'BMC_UNREACHABLE', 'BMC_CONNECTION_LOST') || performance.now() > until)
        throw cause;
    }
    await sleep(timings.pollMs, undefined, { signal });
  }
}

/** Without a handle (the answer to our start was lost) a transfer to our node is taken for ours. */
function isForeign(status: TransferStatus, record: TransferRecord): boolean {
  if (status.state !== 'transferring') return false;
  return record.handle === undefined
    ? !record.started || nodeOfProcess(status.process) !== record.node
    : status.handle !== record.handle;
}
