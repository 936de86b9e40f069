export { BASE_IMAGES, type BaseImageName, baseImagePath } from './base-image/base-image-path.js';
export type { BootDepth, NodeMachine, NodeMachineOptions } from './node-machine.js';
export { MachineError, type MachineErrorCode } from './qemu/machine-error.js';
export type { NodeNetwork, NvmeDisk } from './qemu/qemu-arguments.js';
export { createQemuMachine, QemuMachine, type QemuMachineOptions } from './qemu/qemu-machine.js';
export { createShellMachine, ShellMachine, type ShellMachineOptions } from './shell-machine.js';
export type { ConfiguredAddress } from './system/configured-addresses.js';
