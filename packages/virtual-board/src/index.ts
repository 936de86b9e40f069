export type { BoardIdentity, BoardStorage } from './api/board-identity.js';
export { BareBoard, type BareReply } from './board/bare-board.js';
export type { AccessRecord } from './board/access-log.js';
export type { BoardClockOptions } from './board/board-clock.js';
export type { BoardFaults, BringUpFault } from './board/board-faults.js';
export type { BoardProfileName } from './board/board-profile.js';
export { BoardDirectoryInUse } from './board/board-directory.js';
export { startVirtualBoard } from './board/start-virtual-board.js';
export type { Endpoint, VirtualBoard, VirtualNode } from './board/virtual-board.js';
export type {
  MachineFactory,
  VirtualBoardOptions,
  VirtualNodeOptions,
} from './board/virtual-board-options.js';

export {
  type BoardFinding,
  describeFinding,
  FINDINGS_VARIABLE,
  type ForeignClients,
  type JudgeOptions,
} from './judge/board-judge.js';
export type { PinChange } from './hardware/pin-log.js';
export type { BoardRevision } from './hardware/board-hardware.js';

export type { BoardCertificate } from './tls/board-certificate.js';
export { CertificateAuthority } from './tls/certificate-authority.js';
