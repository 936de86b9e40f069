import type { NodeId } from '@turingpi/core/plugin';
import type { BringUpFault } from '../board/board-faults.js';
import type { BoardHardware } from './board-hardware.js';
import type { EmmcFile } from './emmc-file.js';

/** Bring-up failed; the message is the outermost text, `cause` the innermost one. */
export class BringUpError extends Error {}

const SETTLE_MS = 1000;
// bmc-api.md §6.7: CM4 about 8 to 12 s, RK1 in maskrom about 6 to 7 s.
const BOOTSTRAP_MS: Readonly<Record<string, number>> = { cm4: 10_000, rk1: 6500 };

/** Powers a node into USB boot (steps 1 of bmc-api.md §6.7): off, USB to the BMC, boot pin, on, a second, pins low. */
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
 * @throws BringUpError
 */
export async function exposeEmmc(hardware: BoardHardware): Promise<EmmcFile> {
  const fault = hardware.faults.current.bringUp;
  if (fault === 'usb-error') throw new BringUpError('USB', { cause: new Error('Input/Output Error') });
  const seen = await hardware.bootableModules();
  // CM4 is looked for first, and the first match is taken, whichever slot it is in (§9.4). A CM4 whose storage is up
  // already calls itself something else and matches no more; it still is a disk, which is one too many then.
  const slot =
    seen.find((one) => one.module?.board === 'cm4' && !one.exposed) ??
    seen.find((one) => one.module?.board === 'rk1');
  if (fault === 'not-found' || !slot?.module)
    throw new BringUpError("Compute module's USB interface not found or supported");
  // An RK1 whose loader runs already is not loaded again (§9.2).
  if (!slot.exposed) await hardware.clock.work(hardware.bringUpMs ?? BOOTSTRAP_MS[slot.module.board] ?? 0);
  if (fault) throw new BringUpError(LATE_FAULTS[fault]);
  const { board } = slot.module;
  slot.expose();
  if (seen.filter((one) => one.exposed && one.module?.board === board).length > 1)
    throw new BringUpError(LATE_FAULTS['several-devices']);
  return slot.module.emmc;
}

const LATE_FAULTS: Readonly<Record<Exclude<BringUpFault, 'usb-error' | 'not-found'>, string>> = {
  'no-block-device': 'Error loading USB device: No supported USB devices found',
  'several-devices': 'Error loading USB device: Several supported devices found',
  'rpiboot-failed': 'Error loading USB device: Failed to reboot (2652, 10001) as USB MSD: WriteError',
};
