import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger, NodeId } from '@turingpi/foundation';
import { nodeOfProcess, type TransferStatus } from '../api/transfer-status.js';
import { BmcError } from '../errors/bmc-error.js';
import type { CallOptions } from '../session/call-options.js';
import { timeLimit } from '../session/time-limit.js';
import type { FlashApis } from './flash-apis.js';
import type { FlashTimings } from './flash-timings.js';
import type { TransferRecord } from './transfer-journal.js';

/** What a recovery found and did. */
export interface Recovery {
  /** How the transfer had ended on the BMC before we touched it; undefined when the BMC could not be asked. */
  readonly status: TransferStatus | undefined;
  /** Someone else's transfer is running; everything was left to it from then on. */
  readonly foreign: boolean;
  /** What that transfer is, in the BMC's words. */
  readonly foreignProcess: string | undefined;
  readonly nodeOff: boolean;
  readonly usbRestored: boolean;
  /** The board does not prove to be itself any more, so nothing could be asked of it, or done. */
  readonly refused: BmcError | undefined;
}

/** The peer is not, or not any more, the board that is trusted. */
const NOT_THE_BOARD = ['BMC_CERTIFICATE_CHANGED', 'BMC_UNTRUSTED'] as const;

/**
 * Errors of the bring-up, after which the daemon does not clean up (docs/reference/bmc-protocol.md, "Flash worker").
 */
export const WITHOUT_CLEANUP: ReadonlySet<string> = new Set([
  'BMC_FLASH_MODULE_NOT_FOUND',
  'BMC_FLASH_STORAGE_NOT_FOUND',
  'BMC_FLASH_SEVERAL_MODULES',
  'BMC_FLASH_OTHER_PORT',
  'BMC_FLASH_RPIBOOT_FAILED',
  'BMC_FLASH_USB_FAILED',
]);

interface RecoveryContext {
  readonly apis: FlashApis;
  readonly timings: FlashTimings;
  readonly logger: Logger;
  /** Whether the flash is still the caller's; default: it is. */
  readonly isStillOurs?: (() => Promise<boolean>) | undefined;
}

/**
 * After a failed or aborted transfer of ours: ends it, waits for the daemon's own cleanup, switches the node off and
 * restores the USB setting.
 *
 * @remarks
 * The slot is looked at directly before every change: the BMC refuses nobody, and power or USB changed under another
 * client's transfer destroy it. What cannot be done without that is left, and is in the result.
 *
 * Has its own time limit and never the caller's signal: it is needed most after an abort. It never throws.
 */
export async function recover(
  record: TransferRecord,
  failure: unknown,
  context: RecoveryContext,
): Promise<Recovery> {
  const recovery = new BoardRecovery(record, context);
  let refused: BmcError | undefined;
  try {
    await recovery.run(!BmcError.hasCode(failure, ...(WITHOUT_CLEANUP as Set<never>)));
  } catch (cause) {
    context.logger.warn({ cause, node: record.node }, 'could not restore the board after a failed flash');
    if (BmcError.hasCode(cause, ...NOT_THE_BOARD)) refused = cause;
  }
  return { ...recovery.outcome, refused };
}

class BoardRecovery {
  readonly outcome = {
    status: undefined as TransferStatus | undefined,
    foreign: false,
    foreignProcess: undefined as string | undefined,
    nodeOff: false,
    usbRestored: false,
  };
  readonly #signal: AbortSignal;

  constructor(
    private readonly record: TransferRecord,
    private readonly context: RecoveryContext,
  ) {
    this.#signal = timeLimit(context.timings.recoveryMs);
  }

  async run(daemonCleansUp: boolean): Promise<void> {
    const { apis } = this.context;
    const { node, node1UsedPort } = this.record;
    const options = this.#options();
    if ((await this.#look()) === 'ours') await apis.transfer.cancel(options);
    if (daemonCleansUp && !this.#isForeignOf(node)) await this.#waitForCleanup();
    await this.#change(() => apis.power.off(node, options));
    this.outcome.nodeOff = (await this.#patiently(() => apis.power.get(options)))[node] === 'off';
    const usb = await storedUsb(node, apis, options);
    const led = await this.#change(() => apis.usb.set(usb, options));
    const back = !node1UsedPort || (await this.#change(() => apis.usb.setNode1UsesPort(true, options)));
    this.outcome.usbRestored = led && back;
  }

  /** Whose transfer has the slot at this moment. */
  async #look(): Promise<'nobody' | 'ours' | 'foreign'> {
    const status = await this.#patiently(() => this.context.apis.transfer.status(this.#options()));
    this.outcome.status ??= status;
    if (status.state !== 'transferring') return 'nobody';
    if (isOurs(status, this.record)) return 'ours';
    this.outcome.foreign = true;
    this.outcome.foreignProcess = status.process;
    return 'foreign';
  }

  #isForeignOf(node: NodeId): boolean {
    const { foreign, foreignProcess = '' } = this.outcome;
    return foreign && nodeOfProcess(foreignProcess) === node;
  }

  /** Makes a change, unless someone else's transfer is, or was, there: then nothing is ours any more. */
  async #change(work: () => Promise<void>): Promise<boolean> {
    if (this.outcome.foreign || (await this.#look()) === 'foreign') return false;
    // Its transfer may have ended: then nothing on the board tells of whoever has taken over.
    if ((await this.context.isStillOurs?.()) === false) return false;
    await work();
    return true;
  }

  /** Until the node is stored as off, and stays so: a worker in its bring-up may switch it on again first. */
  async #waitForCleanup(): Promise<void> {
    const { apis, timings } = this.context;
    const until = performance.now() + timings.cleanupMs;
    let offSince: number | undefined;
    while (performance.now() < until) {
      const power = await this.#patiently(() => apis.power.get(this.#options()));
      if (power[this.record.node] !== 'off') offSince = undefined;
      else if (performance.now() - (offSince ??= performance.now()) >= timings.settleMs) return;
      await sleep(Math.min(timings.pollMs, timings.settleMs), undefined, { signal: this.#signal });
    }
  }

  /** Asks again while the BMC cannot be reached, until the signal fires. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    const { timings } = this.context;
    const until = performance.now() + timings.gapMs;
    for (;;) {
      try {
        return await ask();
      } catch (cause) {
        if (!BmcError.hasCode(cause, 'BMC_UNREACHABLE', 'BMC_CONNECTION_LOST') || performance.now() > until)
          throw cause;
      }
      await sleep(timings.pollMs, undefined, { signal: this.#signal });
    }
  }

  #options(): { readonly signal: AbortSignal; readonly busyMs: number } {
    return { signal: this.#signal, busyMs: this.context.timings.recoveryMs };
  }
}

/**
 * The stored USB setting: sending it once more leads USB to where it belongs.
 *
 * @remarks A bring-up changes the pins and not what is stored, so what is stored now is right, also when someone changed
 * it meanwhile. Only a `flash` mode of this node is not sent again: it would keep the node from booting.
 */
export async function storedUsb(
  node: NodeId,
  apis: Pick<FlashApis, 'usb'>,
  options: CallOptions,
): Promise<Parameters<FlashApis['usb']['set']>[0]> {
  const stored = await apis.usb.get(options);
  const mode = stored.mode === 'flash' && stored.node === node ? 'device' : stored.mode;
  return { node: stored.node, route: stored.route, mode };
}

/** Without a handle (the answer to our start was lost) a transfer like ours to our node is taken for it. */
export function isOurs(status: TransferStatus, record: TransferRecord): boolean {
  if (status.state !== 'transferring') return false;
  if (record.handle !== undefined) return status.handle === record.handle;
  return (
    record.started &&
    nodeOfProcess(status.process) === record.node &&
    (record.lengthBytes === undefined || status.sizeBytes === record.lengthBytes)
  );
}
