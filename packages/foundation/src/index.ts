export { CleanupStack } from './cleanup/cleanup-stack.js';
export { withCleanup } from './cleanup/with-cleanup.js';
export { approveErasure } from './erasure/approve-erasure.js';
export {
  EraseLedger,
  isLedgerName,
  LEDGER_NAME,
  ledgerFileOf,
  type LedgerLines,
  type LedgerReading,
} from './erasure/erase-ledger.js';
export {
  assertPermit,
  createPermit,
  ERASE_HINT,
  type ErasePermit,
  type ErasureAtHand,
  eraseHint,
} from './erasure/erase-permit.js';
export { ErasureError } from './erasure/erasure-error.js';
export type { DiskEvidence, Erasure } from './erasure/erasure.js';
export type { InputChange } from './erasure/input-change.js';
export {
  type JudgedLine,
  LEDGER_VARIABLE,
  type NamedNodes,
  type NamedNodesEnd,
  withNamedNodes,
} from './erasure/judged-ledger.js';
export type { LedgerEntry } from './erasure/ledger-entry.js';
export { LineFile } from './erasure/line-file.js';
export type { ErrorCategory } from './error/error-category.js';
export { TuringPiError, type TuringPiErrorOptions } from './error/turing-pi-error.js';
export { makeDirectory } from './filesystem/make-directory.js';
export { NoRegularFile, readRegularFile } from './filesystem/read-regular-file.js';
export type { ImageStream } from './image-stream/image-stream.js';
export { Mutex } from './lock/mutex.js';
export {
  type AcquireLockOptions,
  type LockHolder,
  ProcessLock,
  type ProcessLockOptions,
} from './lock/process-lock.js';
export { type Logger, silentLogger } from './logging/logger.js';
export {
  Node1,
  Node2,
  Node3,
  Node4,
  NODE_IDS,
  type NodeId,
  type NodeName,
  nodeArgument,
  nodeName,
} from './node/node-id.js';
export { computerTag } from './process/computer-tag.js';
export {
  isGone,
  isOfThisComputer,
  isRunning,
  parseProcess,
  type ProcessIdentity,
  startedAt,
  thisProcess,
} from './process/process-identity.js';
export type { Progress } from './progress/progress.js';
export { RateMeter } from './progress/rate-meter.js';
export { Secret, type SecretSource } from './secret/secret.js';
export { parseByteSize } from './written/byte-size.js';
export { docsPage } from './written/docs-page.js';
export { HOST_LABEL, parseHost } from './written/host.js';
