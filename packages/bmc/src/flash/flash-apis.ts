import type { BoardApi } from '../api/board-api.js';
import type { ConsoleApi } from '../api/console-api.js';
import type { PowerApi } from '../api/power-api.js';
import type { TransferApi } from '../api/transfer-api.js';
import type { UsbApi } from '../api/usb-api.js';
import type { CallOptions } from '../session/call-options.js';
import type { BmcCapabilities } from '../version/capabilities.js';

/** The parts of the client that a flash needs. */
export interface FlashApis {
  readonly board: BoardApi;
  readonly console: ConsoleApi;
  readonly power: PowerApi;
  readonly transfer: TransferApi;
  readonly usb: UsbApi;
  capabilities(options?: CallOptions): Promise<BmcCapabilities>;
}
