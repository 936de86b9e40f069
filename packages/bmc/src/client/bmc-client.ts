import type { Writable } from 'node:stream';
import type { NodeId } from '@turingpi/foundation';
import type { AccessApi } from '../api/access-api.js';
import type { BoardApi } from '../api/board-api.js';
import type { ConsoleApi } from '../api/console-api.js';
import type { CoolingApi } from '../api/cooling-api.js';
import type { PowerApi } from '../api/power-api.js';
import type { TransferApi } from '../api/transfer-api.js';
import type { UsbApi } from '../api/usb-api.js';
import type { BoardUseOptions } from '../flash/board-use.js';
import type { FirmwareRequest } from '../flash/firmware-job.js';
import type { FlashRequest, FlashResult } from '../flash/flash-request.js';
import type { LocalTransfer } from '../flash/local-transfer.js';
import type { OtherNodes } from '../flash/other-nodes.js';
import type { SwitchOnOptions } from '../flash/switch-on.js';
import type { BoardId } from '../identity/board-id.js';
import type { CallOptions } from '../session/call-options.js';
import type { BoardIdentity } from '../tls/board-identity.js';
import type { TrustedBoard } from '../tls/trust-file.js';
import type { BmcEndpoint } from '../tls/verified-connection.js';
import type { BmcCapabilities } from '../version/capabilities.js';

/**
 * One board's controller. Nodes are counted from one everywhere.
 *
 * @remarks Every method may throw the connection errors of {@link BmcError}: `BMC_UNREACHABLE`, `BMC_BUSY`,
 * `BMC_UNTRUSTED`, `BMC_CERTIFICATE_CHANGED`, `BMC_AUTH_REFUSED`, `BMC_BANNED`, `BMC_PASSWORD_MISSING`, `BMC_FACTORY_PASSWORD`.
 */
export interface BmcClient extends AsyncDisposable {
  readonly endpoint: BmcEndpoint;
  readonly power: PowerApi;
  readonly usb: UsbApi;
  readonly console: ConsoleApi;
  readonly board: BoardApi;
  readonly cooling: CoolingApi;
  readonly access: AccessApi;
  /** The transfer slot as it is; {@link flashNode} is what takes care of its traps. */
  readonly transfer: TransferApi;

  /** Reaches the board, verifies it and logs in, or says with a code why not. */
  login(options?: CallOptions): Promise<void>;
  /** What the firmware can do; asked once. */
  capabilities(options?: CallOptions): Promise<BmcCapabilities>;
  /** Flashes a node and returns when its storage verifiably holds the image. The node is off then. */
  flashNode(request: FlashRequest): Promise<FlashResult>;
  /** Stages firmware on the BMC; `board.reboot()` then activates it. */
  stageFirmware(request: FirmwareRequest): Promise<void>;
  /** Runs work while nobody else flashes on this board: in this process, and in others of this user. */
  withBoard<T>(
    work: () => Promise<T>,
    options: { readonly signal?: AbortSignal | undefined; readonly onWait?: (note: string) => void },
  ): Promise<T>;
  /**
   * Looks at the other modules of a board with a hub, as a flash does before it starts.
   *
   * @throws BmcError BMC_FLASH_OTHER_NODES_ON while one that is on does not show that a system runs on it
   */
  refuseOtherNodes(target: NodeId, others: OtherNodes, options?: CallOptions): Promise<void>;
  /**
   * Nodes that are on, are not known to boot, and show no system: neither on their consoles nor by what `others` knows.
   */
  silentNodes(options?: CallOptions & { readonly others?: OtherNodes }): Promise<readonly NodeId[]>;
  /**
   * Switches a node on, and has it known as booting until {@link bootEnded} or its time is over. On a board with a hub it
   * waits while other nodes are being flashed from here.
   */
  switchOn(node: NodeId, options?: SwitchOnOptions): Promise<void>;
  /**
   * Makes a change that cuts into no transfer, ours or another client's.
   *
   * @throws BmcError BMC_FLASH_BUSY when one is in the way, unless `wait` is given
   */
  useBoard<T>(options: BoardUseOptions, work: () => Promise<T>): Promise<T>;
  /** The node is up, or its boot was given up. */
  bootEnded(node: NodeId): Promise<void>;
  /** What programs of this user do on this board, as far as this computer knows; nothing is asked of the board. */
  localTransfer(): Promise<LocalTransfer>;
  /** Text of a node's serial console as it arrives, until the signal fires. */
  followConsole(
    node: NodeId,
    options: {
      readonly signal: AbortSignal;
      readonly fromStart?: boolean;
      /** Called when the node printed more between two looks than the BMC keeps. */
      readonly onLost?: () => void;
      /** Told of each live line as it opens, on which one may type, and of none where the firmware has none. */
      readonly onLine?: (line: Writable | undefined) => void;
    },
  ): AsyncIterable<string>;
  /** Who answers at the endpoint, without sending it anything and without trusting it. */
  presentedIdentity(options?: { readonly signal?: AbortSignal }): Promise<BoardIdentity>;
  /** Remembers an identity that the user has confirmed. */
  trust(identity: BoardIdentity): Promise<void>;
  /** What was confirmed for this address, and what that board told about itself; undefined when nothing was. */
  trustedBoard(): Promise<TrustedBoard | undefined>;
  /**
   * Which board it is: by its serial number where the firmware tells it, else by the MAC address of the BMC, else by
   * its key. Asked of the board each time, over a verified connection; needs the login.
   *
   * @remarks Compare two of them with `isSameBoard`, not by their `id`s: newer firmware tells more.
   */
  identity(options?: CallOptions): Promise<BoardId>;
}
