import path from 'node:path';
import type { BmcCredentials, Logger, NodeId } from '@turingpi/core/plugin';
import envPaths from 'env-paths';
import { BoardApi } from '../api/board-api.js';
import { ConsoleApi } from '../api/console-api.js';
import { CoolingApi } from '../api/cooling-api.js';
import { PowerApi } from '../api/power-api.js';
import { TransferApi } from '../api/transfer-api.js';
import { UsbApi } from '../api/usb-api.js';
import { followConsole } from '../console/follow-console.js';
import { type FirmwareRequest, stageFirmware } from '../flash/firmware-job.js';
import { FlashJob } from '../flash/flash-job.js';
import { FlashLock } from '../flash/flash-lock.js';
import type { FlashRequest, FlashResult } from '../flash/flash-request.js';
import { DEFAULT_FLASH_TIMINGS, type FlashTimings } from '../flash/flash-timings.js';
import type { LocalTransfer } from '../flash/local-transfer.js';
import { nodesToSwitchOff, type OtherNodes } from '../flash/other-nodes.js';
import { TransferJournal } from '../flash/transfer-journal.js';
import { DEFAULT_TRANSPORT_TIMINGS, HttpTransport, type TransportTimings } from '../http/http-transport.js';
import { BmcSession } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';
import { TokenCache } from '../session/token-cache.js';
import type { BoardIdentity } from '../tls/board-identity.js';
import { BoardVerifier, type ConfiguredPins } from '../tls/board-verifier.js';
import { TrustStore } from '../tls/trust-store.js';
import { type BmcEndpoint, endpointKey, presentedIdentity } from '../tls/verified-connection.js';
import { type BmcCapabilities, detectCapabilities } from '../version/capabilities.js';
import type { BmcClient } from './bmc-client.js';

/** What a client is made from. */
export interface BmcClientOptions {
  readonly endpoint: BmcEndpoint;
  readonly credentials: BmcCredentials;
  /** Keys that the configuration names; without any, those confirmed earlier count. */
  readonly pins?: ConfiguredPins;
  /** Where tokens and confirmed keys are kept. */
  readonly cacheDir: string;
  /** Where the board's lock is; the same for all programs of a user. Default: `locks` in the user cache directory. */
  readonly lockDir?: string;
  readonly logger: Logger;
  readonly transportTimings?: Partial<TransportTimings>;
  readonly flashTimings?: Partial<FlashTimings>;
}

/** The client of a real, or virtual, board over HTTPS. */
export class HttpsBmcClient implements BmcClient {
  readonly endpoint: BmcEndpoint;
  readonly power: PowerApi;
  readonly usb: UsbApi;
  readonly console: ConsoleApi;
  readonly board: BoardApi;
  readonly cooling: CoolingApi;
  readonly transfer: TransferApi;
  readonly #session: BmcSession;
  readonly #trustStore: TrustStore;
  readonly #verifier: BoardVerifier;
  readonly #lockDir: string;
  readonly #flashTimings: FlashTimings;
  readonly #connectMs: number;
  readonly #logger: Logger;
  #capabilities: BmcCapabilities | undefined;

  constructor(options: BmcClientOptions) {
    this.endpoint = options.endpoint;
    const key = endpointKey(options.endpoint);
    this.#logger = options.logger.child({ bmc: key });
    this.#trustStore = new TrustStore(path.join(options.cacheDir, 'trusted-boards.json'));
    const timings = { ...DEFAULT_TRANSPORT_TIMINGS, ...options.transportTimings };
    this.#connectMs = timings.connectMs;
    this.#verifier = new BoardVerifier(key, options.pins ?? {}, this.#trustStore);
    const transport = new HttpTransport(options.endpoint, this.#verifier, timings, this.#logger);
    const tokens = new TokenCache(path.join(options.cacheDir, 'bmc-tokens'), key);
    const session = new BmcSession(transport, options.credentials, tokens, this.#logger);
    this.#session = session;
    this.power = new PowerApi(session);
    this.usb = new UsbApi(session);
    this.console = new ConsoleApi(session);
    this.board = new BoardApi(session);
    this.cooling = new CoolingApi(session);
    this.transfer = new TransferApi(session);
    this.#lockDir = options.lockDir ?? path.join(envPaths('tpi', { suffix: '' }).cache, 'locks');
    this.#flashTimings = { ...DEFAULT_FLASH_TIMINGS, ...options.flashTimings };
  }

  login(options?: CallOptions): Promise<void> {
    return this.#session.login(options);
  }

  async capabilities(options: CallOptions = {}): Promise<BmcCapabilities> {
    return (this.#capabilities ??= await detectCapabilities(this.board, options));
  }

  async flashNode(request: FlashRequest): Promise<FlashResult> {
    const parts = { apis: this, timings: this.#flashTimings, logger: request.logger ?? this.#logger };
    return await new FlashJob(request, { ...parts, ...(await this.#localFiles()) }).run();
  }

  async stageFirmware(request: FirmwareRequest): Promise<void> {
    const { lock } = await this.#localFiles();
    const parts = { apis: this, lock, timings: this.#flashTimings, logger: this.#logger };
    await stageFirmware(request, parts);
  }

  async withBoard<T>(
    work: () => Promise<T>,
    options: { readonly signal?: AbortSignal | undefined; readonly onWait?: (note: string) => void },
  ): Promise<T> {
    const { signal, onWait = () => undefined } = options;
    const { lock } = await this.#localFiles();
    return await lock.run({ signal, onWait, logger: this.#logger }, work);
  }

  nodesToSwitchOff(
    target: NodeId,
    others: OtherNodes,
    options: CallOptions = {},
  ): Promise<readonly NodeId[]> {
    return nodesToSwitchOff(target, others, this, options);
  }

  async localTransfer(): Promise<LocalTransfer> {
    const { lock, journal } = await this.#localFiles();
    return { holder: await lock.holder(), record: await journal.read() };
  }

  async *followConsole(
    node: NodeId,
    options: { readonly signal: AbortSignal; readonly fromStart?: boolean },
  ): AsyncGenerator<string, void, undefined> {
    const { consoleKeepsHistory: keepsHistory } = await this.capabilities({ signal: options.signal });
    yield* followConsole(this.console, node, { ...options, keepsHistory });
  }

  presentedIdentity(options: { readonly signal?: AbortSignal } = {}): Promise<BoardIdentity> {
    return presentedIdentity(this.endpoint, { ...options, timeoutMs: this.#connectMs });
  }

  trust(identity: BoardIdentity): Promise<void> {
    return this.#trustStore.trust(endpointKey(this.endpoint), identity);
  }

  /** Named after the board's key, since a board may have several names; after its address while no key is known. */
  async #localFiles(): Promise<{ readonly lock: FlashLock; readonly journal: TransferJournal }> {
    const publicKey = await this.#verifier.knownPublicKey();
    const name = publicKey?.replace('sha256:', '') ?? endpointKey(this.endpoint);
    const file = path.join(this.#lockDir, `bmc-${name.replaceAll(/[^a-z0-9.-]/g, '_')}`);
    return {
      lock: new FlashLock(`${file}.lock`),
      journal: new TransferJournal(`${file}.transfer.json`),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#session.close();
    return Promise.resolve();
  }
}
