import type { NodeId } from '@turingpi/foundation';
import type { BoardProfile } from '../board/board-profile.js';
import type { BoardHardware } from '../hardware/board-hardware.js';
import { BringUpError } from '../hardware/bring-up-error.js';
import { type EmmcDevice, EmmcError, type EmmcFile } from '../hardware/emmc-file.js';
import { enterUsbBoot, exposeEmmc } from '../hardware/usb-bring-up.js';
import type { ByteSource } from './byte-source.js';
import { checksumBack, writeImage } from './image-copy.js';
import { DaemonStopped, TransferError } from './transfer-error.js';
import type { Transfer } from './transfer-slot.js';

/** A node to be flashed and where its bytes come from. */
export interface FlashOrder {
  readonly node: NodeId;
  readonly source: ByteSource;
  readonly verify: boolean;
}

/**
 * Flashes a node: USB boot, copy, read-back, cleanup (docs/reference/bmc-protocol.md, "Flash worker").
 *
 * @remarks When bring-up fails nothing is cleaned up: the node stays on and USB stays at the BMC. A cancelled transfer
 * cleans up, and does so while a newer one may already be bringing its node up.
 */
export async function flashNode(
  hardware: BoardHardware,
  profile: BoardProfile,
  order: FlashOrder,
  transfer: Transfer,
): Promise<void> {
  const signal = transfer.controller.signal;
  const { judge } = hardware.slot(order.node);
  judge.flashBegins(order.node);
  let succeeded = false;
  try {
    const emmc = await bringUp(hardware, profile, order.node, signal);
    await copyImage(emmc, profile, order, transfer);
    succeeded = true;
  } catch (cause) {
    if (cause instanceof TransferError && cause.cause instanceof BringUpError && !signal.aborted) throw cause;
    await cleanUpUnlessDead();
    throw cause;
  } finally {
    order.source.close();
  }
  await cleanUpUnlessDead();
  judge.flashed(order.node);

  async function cleanUpUnlessDead(): Promise<void> {
    if (signal.aborted && signal.reason instanceof DaemonStopped) return;
    // Firmware before 2.3 leaves the node on after a failure.
    if (succeeded || profile.transfers23) await hardware.setPower(order.node, false);
    hardware.slot(order.node).setBootPin(false);
    hardware.restoreUsb();
  }
}

async function bringUp(
  hardware: BoardHardware,
  profile: BoardProfile,
  node: NodeId,
  signal: AbortSignal,
): Promise<EmmcFile> {
  await enterUsbBoot(hardware, node, signal);
  try {
    const emmc = await exposeEmmc(hardware, node, profile.fork?.hubPort);
    signal.throwIfAborted();
    return emmc;
  } catch (cause) {
    if (cause instanceof BringUpError) throw new TransferError(cause.message, { cause });
    throw cause;
  }
}

async function openStorage(emmc: EmmcFile): Promise<EmmcDevice> {
  try {
    return await emmc.open();
  } catch (cause) {
    if (cause instanceof EmmcError) throw new TransferError(cause.message, { cause });
    throw cause;
  }
}

async function copyImage(
  emmc: EmmcFile,
  profile: BoardProfile,
  order: FlashOrder,
  transfer: Transfer,
): Promise<void> {
  const signal = transfer.controller.signal;
  const onProgress = (bytes: number): void => {
    transfer.bytesWritten = bytes;
  };
  await using device = await openStorage(emmc);
  const written = await writeImage(order.source, device, order.verify, onProgress, signal);
  if (!profile.transfers23 && written.bytes !== transfer.size)
    throw new TransferError(`missing ${String(transfer.size - written.bytes)} bytes`);
  if (!order.verify) return;
  const crc = await checksumBack(device, written.bytes, onProgress, signal);
  if (crc === written.crc) return;
  throw new TransferError(
    profile.transfers23
      ? `crc error. expected ${String(written.crc)}, calculated ${String(crc)}`
      : 'integrity check of written image failed',
  );
}
