import path from 'node:path';
import type { BmcCredentials } from '../session/bmc-credentials.js';
import { type Logger, NODE_IDS, type NodeId } from '@turingpi/foundation';
import envPaths from 'env-paths';
import { AccessApi } from '../api/access-api.js';
import { BoardApi } from '../api/board-api.js';
import { ConsoleApi } from '../api/console-api.js';
import { CoolingApi } from '../api/cooling-api.js';
import { PowerApi } from '../api/power-api.js';
import { TransferApi } from '../api/transfer-api.js';
import { UsbApi } from '../api/usb-api.js';
import { followConsole } from '../console/follow-console.js';
import { type BoardUseOptions, useBoard } from '../flash/board-use.js';
import type { FirmwareRequest } from '../flash/firmware-job.js';
import type { FlashJobParts } from '../flash/flash-job-parts.js';
import type { FlashRequest, FlashResult } from '../flash/flash-request.js';
import { DEFAULT_FLASH_TIMINGS, type FlashTimings } from '../flash/flash-timings.js';
import type { LocalTransfer } from '../flash/local-transfer.js';
import { type OtherNodes, refuseOtherNodes, silentNodes, UNKNOWN_NODES } from '../flash/other-nodes.js';
import { SharedTransferJournal } from '../flash/shared-transfer-journal.js';
import { switchOn, type SwitchOnOptions } from '../flash/switch-on.js';
import { DEFAULT_TRANSPORT_TIMINGS, HttpTransport, type TransportTimings } from '../http/http-transport.js';
import { type BoardId, boardIdOf } from '../identity/board-id.js';
import { type BoardFiles, boardFiles } from '../identity/board-files.js';
import { KnownBoards } from '../identity/known-boards.js';
import { readBoardFacts } from '../identity/read-board-facts.js';
import { BmcSession } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';
import { TokenCache } from '../session/token-cache.js';
import type { BoardIdentity } from '../tls/board-identity.js';
import { BoardVerifier, type ConfiguredPins } from '../tls/board-verifier.js';
import type { TrustedBoard } from '../tls/trust-file.js';
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
  /** Where tokens are kept. Keys that were confirmed there by an earlier version still count. */
  readonly cacheDir: string;
  /** Where confirmed keys are kept; the same for all programs of a user. Default: the user configuration directory. */
  readonly trustDir?: string;
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
  readonly access: AccessApi;
  readonly transfer: TransferApi;
  readonly #session: BmcSession;
  readonly #transport: HttpTransport;
  readonly #trustStore: TrustStore;
  readonly #verifier: BoardVerifier;
  readonly #lockDir: string;
  readonly #knownBoards: KnownBoards;
  readonly #flashTimings: FlashTimings;
  readonly #connectMs: number;
  readonly #logger: Logger;
  #capabilities: BmcCapabilities | undefined;

  constructor(options: BmcClientOptions) {
    this.endpoint = options.endpoint;
    const key = endpointKey(options.endpoint);
    this.#logger = options.logger.child({ bmc: key });
    const user = envPaths('tpi', { suffix: '' });
    const trusted = (directory: string) => path.join(directory, 'trusted-boards.json');
    this.#trustStore = new TrustStore(trusted(options.trustDir ?? user.config), {
      ...(options.trustDir === undefined && { ofUser: trusted(user.cache) }),
      ...(path.resolve(options.cacheDir) !== user.cache && { ofProject: trusted(options.cacheDir) }),
    });
    const timings = { ...DEFAULT_TRANSPORT_TIMINGS, ...options.transportTimings };
    this.#connectMs = timings.connectMs;
    this.#verifier = new BoardVerifier(key, options.endpoint.host, options.pins ?? {}, this.#trustStore);
    const transport = new HttpTransport(options.endpoint, this.#verifier, timings, this.#logger);
    const tokens = new TokenCache(path.join(options.cacheDir, 'bmc-tokens'), key);
    this.#transport = transport;
    const session = new BmcSession(transport, options.credentials, tokens, this.#logger);
    this.#session = session;
    this.power = new PowerApi(session);
    this.usb = new UsbApi(session);
    this.console = new ConsoleApi(session);
    this.board = new BoardApi(session);
    this.cooling = new CoolingApi(session);
    this.access = new AccessApi(session);
    this.transfer = new TransferApi(session);
    this.#lockDir = options.lockDir ?? path.join(user.cache, 'locks');
    this.#knownBoards = new KnownBoards(path.join(this.#lockDir, 'known-boards.json'));
    this.#flashTimings = { ...DEFAULT_FLASH_TIMINGS, ...options.flashTimings };
  }

  login(options?: CallOptions): Promise<void> {
    return this.#session.login(options);
  }

  async capabilities(options: CallOptions = {}): Promise<BmcCapabilities> {
    return (this.#capabilities ??= await detectCapabilities(this.board, options));
  }

  async flashNode(request: FlashRequest): Promise<FlashResult> {
    const logger = request.logger ?? this.#logger;
    const parts = await this.#jobParts(logger, { signal: request.signal });
    const { sharedTransfer } = request;
    const journal = sharedTransfer
      ? new SharedTransferJournal(parts.journal, sharedTransfer, logger)
      : parts.journal;
    const { FlashJob } = await import('../flash/flash-job.js'); // most programs with a client flash nothing
    return await new FlashJob(request, { ...parts, journal }).run();
  }

  async stageFirmware(request: FirmwareRequest): Promise<void> {
    const { lock } = await this.#localFiles({ signal: request.signal });
    const parts = { apis: this, lock, timings: this.#flashTimings, logger: this.#logger };
    const { stageFirmware } = await import('../flash/firmware-job.js');
    await stageFirmware(request, parts);
  }

  async withBoard<T>(
    work: () => Promise<T>,
    options: { readonly signal?: AbortSignal | undefined; readonly onWait?: (note: string) => void },
  ): Promise<T> {
    const { signal, onWait = () => undefined } = options;
    const { lock } = await this.#localFiles({ signal });
    return await lock.run({ signal, onWait, logger: this.#logger }, work);
  }

  async refuseOtherNodes(target: NodeId, others: OtherNodes, options: CallOptions = {}): Promise<void> {
    const { booting } = await this.#localFiles(options);
    await refuseOtherNodes(target, {
      ...options,
      ...{ apis: this, timings: this.#flashTimings, booting, others },
    });
  }

  async silentNodes({
    others = UNKNOWN_NODES,
    ...options
  }: CallOptions & { readonly others?: OtherNodes } = {}): Promise<readonly NodeId[]> {
    const { booting } = await this.#localFiles(options);
    const context = { ...options, apis: this, timings: this.#flashTimings, booting, others };
    const power = await this.power.get(options);
    const settled: NodeId[] = [];
    for (const id of NODE_IDS)
      if (power[id] !== 'off' && (await booting.get(id)) === undefined) settled.push(id);
    return await silentNodes(settled, context);
  }

  async switchOn(node: NodeId, options: SwitchOnOptions = {}): Promise<void> {
    await switchOn(node, await this.#jobParts(this.#logger, { signal: options.signal }), options);
  }

  async useBoard<T>(options: BoardUseOptions, work: () => Promise<T>): Promise<T> {
    return await useBoard(await this.#jobParts(this.#logger, { signal: options.signal }), options, work);
  }

  async bootEnded(node: NodeId): Promise<void> {
    await (await this.#localFiles()).booting.remove(node);
  }

  async localTransfer(): Promise<LocalTransfer> {
    const { lock, journal } = await this.#localFiles();
    return { holder: await lock.holder(), record: await journal.read() };
  }

  async *followConsole(
    node: NodeId,
    options: Parameters<BmcClient['followConsole']>[1],
  ): AsyncGenerator<string, void, undefined> {
    const able = await this.capabilities({ signal: options.signal });
    const { consoleKeepsHistory: keepsHistory, liveConsole: live } = able;
    yield* followConsole(this.console, node, { ...options, keepsHistory, live });
  }

  presentedIdentity(options: { readonly signal?: AbortSignal } = {}): Promise<BoardIdentity> {
    return presentedIdentity(this.endpoint, { ...options, timeoutMs: this.#connectMs });
  }

  async trust(identity: BoardIdentity): Promise<void> {
    await this.#trustStore.trust(endpointKey(this.endpoint), identity);
  }

  trustedBoard(): Promise<TrustedBoard | undefined> {
    return this.#trustStore.find(endpointKey(this.endpoint));
  }

  async identity(options: CallOptions = {}): Promise<BoardId> {
    return (await this.#meet(options)).board;
  }

  /** Asks the board who it is, and remembers it beside its key and for the names of its files. */
  async #meet(options: CallOptions): Promise<{ readonly board: BoardId; readonly name: string }> {
    const facts = await readBoardFacts(this.board, options);
    const presented = this.#verifier.verified;
    if (!presented) throw new Error('the board answered over a connection that nobody verified');
    const board = boardIdOf(facts, presented.publicKeyPin);
    await this.#trustStore.learn(endpointKey(this.endpoint), board);
    return { board, name: await this.#knownBoards.note(board) };
  }

  /**
   * Named after the board, since it may have several addresses and gets new keys.
   *
   * @param ask - for asking the board who it is when its key tells nothing yet; without it nothing is asked, and the
   * key names it, or its address while no key is known
   */
  async #localFiles(ask?: CallOptions): Promise<BoardFiles> {
    const key = (await this.#verifier.knownPublicKey()) ?? (await this.#keyOfHandshake(ask?.signal));
    const known = key === undefined ? undefined : await this.#knownBoards.nameOf(key);
    const name = known ?? (ask && (await this.#meet(ask)).name);
    return await boardFiles(this.#lockDir, name, key ?? endpointKey(this.endpoint));
  }

  /** Where an authority decides: the key of now, for which no request is needed. */
  async #keyOfHandshake(signal: AbortSignal | undefined): Promise<string | undefined> {
    if (!this.#verifier.asksAuthority) return undefined;
    try {
      (await this.#transport.openConnection(signal)).socket.destroy();
    } catch {
      signal?.throwIfAborted(); // whoever needs the board itself is told then
    }
    return await this.#verifier.knownPublicKey();
  }

  async #jobParts(logger: Logger, ask: CallOptions): Promise<FlashJobParts> {
    return { apis: this, timings: this.#flashTimings, logger, ...(await this.#localFiles(ask)) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#session.close();
    return Promise.resolve();
  }
}
