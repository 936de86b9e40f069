import { TuringPiError } from '@turingpi/foundation';

/** Why a node cannot be made or booted in QEMU. */
export type MachineErrorCode =
  /** The emulator is not installed or cannot be run. */
  | 'MACHINE_QEMU_MISSING'
  /** Nothing on the eMMC could be started: no root filesystem, no kernel, another processor's kernel. */
  | 'MACHINE_NOT_BOOTABLE'
  /** The emulator ended at once. */
  | 'MACHINE_QEMU_FAILED';

/** A node of boot depth `qemu` cannot work. */
export class MachineError extends TuringPiError<MachineErrorCode> {}
