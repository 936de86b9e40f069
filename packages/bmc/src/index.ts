export type {
  AboutBoard,
  BoardInfo,
  FirmwareSlots,
  NodeNotes,
  OtherInfo,
  SdCard,
  SdCardFile,
} from './api/board-schemas.js';
export { AccessApi, type AccessInfo, SHORTEST_PASSWORD } from './api/access-api.js';
export { BoardApi } from './api/board-api.js';
export { ConsoleApi, type ConsoleEncoding } from './api/console-api.js';
export { CoolingApi, type CoolingDevice } from './api/cooling-api.js';
export { PowerApi, type PowerState, type PowerStates } from './api/power-api.js';
export type { PageOptions, PublicPages } from './api/public-pages.js';
export { type StartOptions, TransferApi, type TransferSource } from './api/transfer-api.js';
export { nodeOfProcess, type TransferStatus, transferStatusSchema } from './api/transfer-status.js';
export { fileSource } from './api/file-source.js';
export type { UploadSource, UploadWatch } from './api/upload-source.js';
export { UsbApi, type UsbMode, type UsbRoute, type UsbState } from './api/usb-api.js';
export type { BmcClient } from './client/bmc-client.js';

export { type BmcClientOptions, HttpsBmcClient } from './client/https-bmc-client.js';
export {
  type BootMoment,
  type BootMomentKind,
  BootRecognizer,
  plainLine,
} from './console/boot-recognizer.js';
export type { LiveConsoleOptions } from './console/live-console.js';
export { ConsoleRing } from './console/console-ring.js';
export {
  BmcError,
  type BmcErrorCode,
  type ConnectionErrorCode,
  type FlashErrorCode,
  type RequestErrorCode,
} from './errors/bmc-error.js';
export { meaningOfText, type TextMeaning } from './errors/reply-text.js';
export { type DiagnosisOptions, diagnoseBoard } from './doctor/diagnose-board.js';
export type { Finding, FindingCode, FindingSeverity, Repair } from './doctor/finding.js';
export { repairBoard } from './doctor/repair-board.js';
export type { BoardUseOptions } from './flash/board-use.js';
export type { FirmwareRequest } from './flash/firmware-job.js';
export type { FlashImage, FlashRequest, FlashResult, RemoteImage } from './flash/flash-request.js';
export { DEFAULT_FLASH_TIMINGS, type FlashTimings } from './flash/flash-timings.js';
export type { SharedTransfer } from './flash/shared-transfer-journal.js';
export type { LocalTransfer } from './flash/local-transfer.js';
export { refuseFirmwareFault } from './flash/refuse-firmware-fault.js';
export { type OtherNodes, UNKNOWN_NODES } from './flash/other-nodes.js';
export type { SwitchOnOptions } from './flash/switch-on.js';
export { RateMeter } from '@turingpi/foundation';
export { DEFAULT_TRANSPORT_TIMINGS, type TransportTimings } from './http/http-transport.js';
export { type BoardFacts, type BoardId, boardIdOf, isSameBoard } from './identity/board-id.js';
export type { CallOptions } from './session/call-options.js';
export { timeLimit } from './session/time-limit.js';
export { type BoardIdentity, identityOf, normalizeDigest } from './tls/board-identity.js';
export type { ConfiguredPins } from './tls/board-verifier.js';
export type { TrustedBoard } from './tls/trust-file.js';
export { type EarlierTrustFiles, TrustStore } from './tls/trust-store.js';
export { type BmcEndpoint, endpointKey } from './tls/verified-connection.js';
export type { BmcCapabilities, VersionProfile } from './version/capabilities.js';
export type { BmcCredentials } from './session/bmc-credentials.js';
