/** What can go wrong between us and the board controller. */
export type BmcErrorCode = ConnectionErrorCode | RequestErrorCode | FlashErrorCode;

/** Reaching the BMC, proving who it is, and logging in. */
export type ConnectionErrorCode =
  | 'BMC_UNREACHABLE'
  | 'BMC_CONNECTION_LOST'
  | 'BMC_BUSY'
  | 'BMC_UNTRUSTED'
  | 'BMC_CERTIFICATE_CHANGED'
  | 'BMC_TRUST_STORE_UNREADABLE'
  | 'BMC_AUTH_REFUSED'
  | 'BMC_BANNED'
  | 'BMC_PASSWORD_MISSING'
  | 'BMC_FACTORY_PASSWORD'
  | 'BMC_PASSWORD_REFUSED';

/** A request that the BMC understood and refused, or a reply that we do not understand. */
export type RequestErrorCode =
  | 'BMC_PROTOCOL'
  | 'BMC_NOT_SUPPORTED'
  | 'BMC_REQUEST_REFUSED'
  | 'BMC_INTERNAL_ERROR'
  | 'BMC_SDCARD_UNAVAILABLE'
  | 'BMC_USB_HOST_UNSUPPORTED'
  | 'BMC_COOLING_REFUSED'
  | 'BMC_CONSOLE_UNAVAILABLE'
  | 'BMC_FIRMWARE_FAILED'
  | 'BMC_FIRMWARE_STAGED';

/** A transfer to a node's storage; the texts behind them: docs/reference/bmc-protocol.md, "Error texts". */
export type FlashErrorCode =
  | 'BMC_FLASH_FAILED'
  | 'BMC_FLASH_BUSY'
  | 'BMC_FLASH_SUPERSEDED'
  | 'BMC_FLASH_STALLED'
  | 'BMC_FLASH_INTERRUPTED'
  | 'BMC_FLASH_UNVERIFIED'
  | 'BMC_FLASH_BMC_RESTARTED'
  | 'BMC_FLASH_IMAGE_UNUSABLE'
  | 'BMC_FLASH_OTHER_NODES_ON'
  | 'BMC_FLASH_TARGET_UNPROVEN'
  | 'BMC_FLASH_LOCKED'
  | 'BMC_FLASH_MODULE_NOT_FOUND'
  | 'BMC_FLASH_STORAGE_NOT_FOUND'
  | 'BMC_FLASH_SEVERAL_MODULES'
  | 'BMC_FLASH_OTHER_PORT'
  | 'BMC_FLASH_FIRMWARE_FAULT'
  | 'BMC_FLASH_RPIBOOT_FAILED'
  | 'BMC_FLASH_USB_FAILED'
  | 'BMC_FLASH_READBACK_MISMATCH'
  | 'BMC_FLASH_CHECKSUM_MISMATCH'
  | 'BMC_FLASH_XZ_MEMORY'
  | 'BMC_FLASH_XZ_TRUNCATED'
  | 'BMC_FLASH_XZ_INVALID'
  | 'BMC_FLASH_NO_SPACE'
  | 'BMC_FLASH_IO_ERROR'
  | 'BMC_FLASH_SEND_TIMEOUT'
  | 'BMC_FLASH_CANCELLED'
  | 'BMC_FLASH_LENGTH_MISMATCH'
  | 'BMC_FLASH_FORM_REFUSED'
  | 'BMC_FLASH_STATE_REFUSED'
  | 'BMC_FLASH_FILE_UNUSABLE'
  | 'BMC_FLASH_URL_FAILED';
