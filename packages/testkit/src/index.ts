export type { BoardIdentity, BoardStorage } from './api/board-identity.js';
export { BASE_IMAGES, type BaseImageName, baseImagePath } from './base-image/base-image-path.js';
export { BareBoard, type BareReply } from './board/bare-board.js';
export type { AccessRecord } from './board/access-log.js';
export type { BoardClockOptions } from './board/board-clock.js';
export type { BoardFaults, BringUpFault } from './board/board-faults.js';
export type { BoardProfileName } from './board/board-profile.js';
export { startVirtualBoard } from './board/start-virtual-board.js';
export type { Endpoint, VirtualBoard, VirtualNode } from './board/virtual-board.js';
export type {
  MachineFactory,
  VirtualBoardOptions,
  VirtualNodeOptions,
} from './board/virtual-board-options.js';
export type { ConformanceCase } from './conformance/conformance-case.js';
export { describeFiles, type FileDescription } from './conformance/describe-files.js';
export { imageBackendCases } from './conformance/image-backend-cases.js';
export { imageEscapeCases } from './conformance/image-escape-cases.js';
export type { ImageBackendSubject } from './conformance/image-backend-subject.js';
export {
  type BoardFinding,
  describeFinding,
  FINDINGS_VARIABLE,
  type ForeignClients,
  type JudgeOptions,
} from './judge/board-judge.js';
export type { PinChange } from './hardware/pin-log.js';
export type { BoardRevision } from './hardware/board-hardware.js';
export type { BootDepth, NodeMachine, NodeMachineOptions } from './machine/node-machine.js';
export { MachineError, type MachineErrorCode } from './machine/qemu/machine-error.js';
export type { NodeNetwork } from './machine/qemu/qemu-arguments.js';
export { createQemuMachine, QemuMachine, type QemuMachineOptions } from './machine/qemu/qemu-machine.js';
export { createShellMachine, ShellMachine, type ShellMachineOptions } from './machine/shell-machine.js';
export type { BoardCertificate } from './tls/board-certificate.js';
export { CertificateAuthority } from './tls/certificate-authority.js';
export type { ConfiguredAddress } from './machine/system/configured-addresses.js';
