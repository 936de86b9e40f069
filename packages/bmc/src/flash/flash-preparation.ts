import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeId } from '@turingpi/foundation';
import type { UsbState } from '../api/usb-api.js';
import { nodeOfProcess } from '../api/transfer-status.js';
import { BmcError } from '../errors/bmc-error.js';
import type { CallOptions } from '../session/call-options.js';
import type { FlashApis } from './flash-apis.js';
import type { FlashTimings } from './flash-timings.js';
import { refuseFirmwareFault } from './refuse-firmware-fault.js';
import type { TransferRecord } from './transfer-journal.js';

/** What the board was like before. */
export interface Preparation extends Pick<TransferRecord, 'usb' | 'node1UsedPort'> {
  /** All nodes share one hub, so another module could be taken for the target. */
  readonly hub: boolean;
  readonly remarks: readonly string[];
}

/**
 * Looks at what has to be changed for a flash, and changes nothing.
 *
 * @throws BmcError BMC_FLASH_BUSY, BMC_FLASH_FIRMWARE_FAULT
 */
export async function inspectBoard(
  { node, module }: { readonly node: NodeId; readonly module?: string | undefined },
  context: {
    readonly apis: FlashApis;
    readonly timings: FlashTimings;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Preparation> {
  const { apis, signal, timings } = context;
  const options: CallOptions = { signal };
  await refuseWhileBusy(apis, timings, signal);
  await refuseFirmwareFault({ node, module }, apis, options);
  const { bus, ...usb } = await apis.usb.get(options);
  // Firmware before 2.3 does not say what the board has: only a single bus is known to show no other module.
  const hub = bus !== 'single';
  const node1UsedPort = node === 1 && bus === 'hub' && (await apis.usb.node1UsesPort(options));
  const remarks = [
    ...(keepsFromBooting(usb, node)
      ? [`the stored USB mode of node ${usb.node} was flash, which keeps it from booting; it is device now`]
      : []),
    ...(node1UsedPort
      ? ['the USB of node 1 led to the USB-A port; it was led to the BMC while flashing']
      : []),
  ];
  return { usb, node1UsedPort, hub, remarks };
}

/** Makes the board ready for a start request. What it changes is in `found`, so that it can be undone. */
export async function prepareBoard(
  node: NodeId,
  { usb, node1UsedPort }: Preparation,
  apis: FlashApis,
  timings: FlashTimings,
  signal: AbortSignal | undefined,
): Promise<void> {
  const options: CallOptions = { signal };
  // The slot is looked at directly before every change: what is changed under another client's transfer destroys it.
  if (keepsFromBooting(usb, node)) {
    await refuseWhileBusy(apis, timings, signal);
    await apis.usb.set({ ...usb, mode: 'device' }, options);
  }
  if (node1UsedPort) {
    await refuseWhileBusy(apis, timings, signal);
    await apis.usb.setNode1UsesPort(false, options);
  }
  await refuseWhileBusy(apis, timings, signal);
  await switchOff(node, apis, timings, options);
}

/** A stored `flash` mode of another node is somebody's, and does not keep this one from booting. */
function keepsFromBooting(usb: Pick<UsbState, 'mode' | 'node'>, node: NodeId): boolean {
  return usb.mode === 'flash' && usb.node === node;
}

/** Switches a node off and waits until the BMC has stored it. */
export async function switchOff(
  node: NodeId,
  apis: Pick<FlashApis, 'power'>,
  timings: FlashTimings,
  options: CallOptions,
): Promise<void> {
  await apis.power.off(node, options);
  const until = performance.now() + timings.cleanupMs;
  while ((await apis.power.get(options))[node] !== 'off') {
    if (performance.now() > until) {
      throw new BmcError(
        'BMC_INTERNAL_ERROR',
        `node ${node} is not off although the BMC was told to switch it off`,
      );
    }
    await sleep(
      Math.min(timings.pollMs, 250),
      undefined,
      options.signal ? { signal: options.signal } : {},
    ).catch(() => options.signal?.throwIfAborted());
  }
}

/**
 * Refuses to flash over someone else's transfer: a start request would kill it.
 *
 * @remarks One that has not begun after a while has been abandoned by its client; the BMC ends it after 10 s by itself.
 */
export async function refuseWhileBusy(
  apis: Pick<FlashApis, 'transfer'>,
  timings: FlashTimings,
  signal: AbortSignal | undefined,
): Promise<void> {
  const until = performance.now() + timings.abandonedMs;
  for (;;) {
    const status = await apis.transfer.status({ signal });
    if (status.state !== 'transferring') return;
    if (status.bytesWritten > 0 || performance.now() > until) {
      const what = nodeOfProcess(status.process);
      throw new BmcError(
        'BMC_FLASH_BUSY',
        `the BMC is busy with a transfer of another client${what === undefined ? '' : ` to node ${what}`}`,
        {
          hint: 'Starting now would destroy it. Wait until it is done, or cancel it there.',
          details: { process: status.process, handle: status.handle },
        },
      );
    }
    await sleep(timings.pollMs, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}
