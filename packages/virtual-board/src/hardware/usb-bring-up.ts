import type { NodeId } from '@turingpi/foundation';
import type { LateFault } from '../board/board-faults.js';
import type { ForkTraits } from '../board/board-profile.js';
import { moduleOnPort, storageFault, storageOnPort } from '../fork/hub-port.js';
import type { BoardHardware } from './board-hardware.js';
import { BringUpError } from './bring-up-error.js';
import type { EmmcFile } from './emmc-file.js';
import type { FittedSlot, NodeSlot } from './node-slot.js';

const SETTLE_MS = 1000;
// docs/reference/bmc-protocol.md, "Flash worker": CM4 about 8 to 12 s, RK1 in maskrom about 6 to 7 s.
const BOOTSTRAP_MS: Readonly<Record<string, number>> = { cm4: 10_000, rk1: 6500 };

/**
 * Powers a node into USB boot (step 1 of docs/reference/bmc-protocol.md, "Flash worker"): off, USB to the BMC, boot
 * pin, on, a second, pins low.
 */
export async function enterUsbBoot(
  hardware: BoardHardware,
  node: NodeId,
  signal: AbortSignal,
): Promise<void> {
  await hardware.setPower(node, false, signal);
  hardware.driveUsb(node, 'Flash', 'Bmc');
  await hardware.setPower(node, true, signal);
  await hardware.clock.work(SETTLE_MS, signal);
  hardware.clearBootPins();
}

/**
 * Finds the module on USB and makes its eMMC a block device (steps 2 and 3). It cannot be interrupted.
 *
 * @param hubPort - how the fork looks at the port of the node; the vendor's firmware takes what it finds first
 * @throws BringUpError
 */
export async function exposeEmmc(
  hardware: BoardHardware,
  node: NodeId,
  hubPort: ForkTraits['hubPort'] | undefined,
): Promise<EmmcFile> {
  const fault = hardware.faults.current.bringUp;
  if (fault === 'usb-error') throw new BringUpError('USB', { cause: new Error('Input/Output Error') });
  const seen = fault === 'not-found' ? [] : (await hardware.bootableModules()).filter(hasModule);
  const byPort = hardware.revision === 'v2.5' ? hubPort : undefined;
  const { loaded, target } = byPort ? moduleOnPort(seen, node, byPort) : firstModule(seen);
  // An RK1 whose loader runs already is not loaded again (docs/reference/bmc-protocol.md, "Modules in USB boot").
  if (!loaded.exposed)
    await hardware.clock.work(hardware.bringUpMs ?? BOOTSTRAP_MS[loaded.module.board] ?? 0);
  if (fault && fault !== 'not-found') throw new BringUpError(lateFault(fault, node, byPort));
  loaded.expose();
  if (byPort) return storageOnPort(seen, target);
  const { board } = loaded.module;
  if (seen.filter((one) => one.exposed && one.module.board === board).length > 1)
    throw new BringUpError(LATE_FAULTS['several-devices']);
  return loaded.module.emmc;
}

function hasModule(slot: NodeSlot): slot is FittedSlot {
  return slot.module !== undefined;
}

/**
 * CM4 is looked for first, and the first match is taken, whichever slot it is in
 * (docs/reference/bmc-protocol.md, "Modules in USB boot"). A CM4 whose storage is up already calls itself something
 * else and matches no more; it still is a disk, which is one too many then.
 */
function firstModule(seen: readonly FittedSlot[]): {
  readonly loaded: FittedSlot;
  readonly target: FittedSlot;
} {
  const slot =
    seen.find((one) => one.module.board === 'cm4' && !one.exposed) ??
    seen.find((one) => one.module.board === 'rk1');
  if (!slot) throw new BringUpError("Compute module's USB interface not found or supported");
  return { loaded: slot, target: slot };
}

function lateFault(fault: LateFault, node: NodeId, byPort: ForkTraits['hubPort'] | undefined): string {
  return (byPort && storageFault(fault, node)) ?? LATE_FAULTS[fault];
}

const LATE_FAULTS: Readonly<Record<LateFault, string>> = {
  'no-block-device': 'Error loading USB device: No supported USB devices found',
  'several-devices': 'Error loading USB device: Several supported devices found',
  'rpiboot-failed': 'Error loading USB device: Failed to reboot (2652, 10001) as USB MSD: WriteError',
};
