import { rm } from 'node:fs/promises';
import type { NodeId } from '@turingpi/foundation';
import type { Authenticator } from '../auth/authenticator.js';
import type { FifoLock } from '../auth/fifo-lock.js';
import { actAs, ON_THE_BOARD } from '../hardware/actor.js';
import type { BoardHardware } from '../hardware/board-hardware.js';
import type { PinChange, PinLog } from '../hardware/pin-log.js';
import { enterUsbBoot } from '../hardware/usb-bring-up.js';
import type { BoardFinding, BoardJudge } from '../judge/board-judge.js';
import type { HttpServer } from '../http/http-server.js';
import type { HttpsServer } from '../http/https-server.js';
import { Query } from '../http/query.js';
import type { BoardIdentity } from '../api/board-identity.js';
import type { BoardCertificate } from '../tls/board-certificate.js';
import type { KeptCertificate } from '../tls/kept-certificate.js';
import { DaemonStopped } from '../transfer/transfer-error.js';
import { startTransfer, type TransferEnvironment } from '../transfer/transfer-service.js';
import type { AccessRecord, AccessLog } from './access-log.js';
import type { BoardFaults } from './board-faults.js';

/** Where a server of the board answers. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A slot as seen from outside. */
export interface VirtualNode {
  readonly id: NodeId;
  /** Board type; undefined for an empty slot. */
  readonly board: string | undefined;
  /** The raw file that is its eMMC; undefined for an empty slot. */
  readonly emmc: string | undefined;
  /** Where its SSH answers while it is up; undefined for an empty slot and for boot depth `none`. */
  readonly ssh: Endpoint | undefined;
  /** Whether its supply is really on, which `type=power` need not say. */
  readonly powered: boolean;
  /** The programs that run on it at this moment, each with its arguments; none where the boot depth cannot tell. */
  readonly processes: readonly string[];
}

/** The parts a virtual board is put together from. */
export interface VirtualBoardParts {
  readonly https: HttpsServer;
  readonly http: HttpServer | undefined;
  readonly metrics: HttpServer | undefined;
  readonly certificate: KeptCertificate;
  readonly identity: BoardIdentity;
  readonly hardware: BoardHardware;
  readonly pins: PinLog;
  readonly judge: BoardJudge;
  readonly accesses: AccessLog;
  readonly authenticator: Authenticator;
  readonly lock: FifoLock;
  readonly transfers: TransferEnvironment;
  readonly bootsNodes: boolean;
  readonly dir: string;
  readonly sdCardDir: string;
  readonly dispose: () => Promise<void>;
}

const DAEMON_START_MS = 1000;
const BMC_START_MS = 60_000;

/** A running virtual board; made by `startVirtualBoard`. */
export class VirtualBoard implements AsyncDisposable {
  readonly #parts: VirtualBoardParts;
  #stopped: Promise<void> | undefined;
  #restarting: Promise<void> = Promise.resolve();

  constructor(parts: VirtualBoardParts) {
    this.#parts = parts;
  }

  get https(): Endpoint {
    return this.#parts.https.address;
  }

  get http(): Endpoint | undefined {
    return this.#parts.http?.address;
  }

  /** Where `/metrics` of the fork's profiles is. */
  get metrics(): Endpoint | undefined {
    return this.#parts.metrics?.address;
  }

  /** `sha256:` and the hex digest of the certificate's DER. */
  get certificateFingerprint(): string {
    return this.#parts.certificate.current.fingerprint;
  }

  /** `sha256:` and the hex digest of the public key's SubjectPublicKeyInfo DER. */
  get publicKeyPin(): string {
    return this.#parts.certificate.current.publicKeyPin;
  }

  /** The certificate as PEM. */
  get certificate(): string {
    return this.#parts.certificate.current.certificate;
  }

  /** What the board says about itself, with the numbers that tell it from others. */
  get identity(): BoardIdentity {
    return this.#parts.identity;
  }

  /** Makes a certificate with a new key, as the fork's firmware does; connections that are open keep the old one. */
  async reissueCertificate(): Promise<void> {
    this.#parts.https.useCertificate(await this.#parts.certificate.reissue());
  }

  /** Takes a certificate of somebody else's authority, as the fork's `PUT /api/bmc/tls/certificate` does. */
  async installCertificate(certificate: BoardCertificate): Promise<void> {
    this.#parts.https.useCertificate(await this.#parts.certificate.install(certificate));
  }

  /** Breaks every connection, as a switch that restarts does; what the daemon is doing goes on. */
  cutConnections(): void {
    this.#parts.https.dropAll();
  }

  /** Where the board keeps its files. */
  get dir(): string {
    return this.#parts.dir;
  }

  /** The directory that is `/mnt/sdcard` on the BMC. */
  get sdCardDir(): string {
    return this.#parts.sdCardDir;
  }

  get nodes(): readonly VirtualNode[] {
    return this.#parts.hardware.slots.map(({ id, module, powered }) => ({
      id,
      board: module?.board,
      emmc: module?.emmc.path,
      ssh: this.#parts.bootsNodes ? module?.machine.ssh : undefined,
      powered,
      processes: module?.machine.processes ?? [],
    }));
  }

  /** Everything done to power, USB route and boot pins, in order. */
  get pinLog(): readonly string[] {
    return this.#parts.pins.lines;
  }

  /** The same with who did it, and whose transfer was alive then. */
  get pinChanges(): readonly PinChange[] {
    return this.#parts.pins.changes;
  }

  /** What was found against our programs: see {@link VirtualBoardOptions.judge}. */
  get findings(): readonly BoardFinding[] {
    return this.#parts.judge.findings;
  }

  clearPinLog(): void {
    this.#parts.pins.clear();
  }

  /** The last requests, oldest first; without headers and bodies. */
  get accessLog(): readonly AccessRecord[] {
    return this.#parts.accesses.records;
  }

  /** The status a client would get, read past the global lock. */
  get transferStatus(): string {
    return this.#parts.transfers.slot.statusText();
  }

  get faults(): BoardFaults {
    return this.#parts.hardware.faults.current;
  }

  /** Replaces all fault knobs; `{}` repairs everything. */
  setFaults(faults: BoardFaults): void {
    this.#parts.hardware.faults.set(faults);
  }

  /** Bans a peer address, as five wrong passwords do. */
  ban(peer = '127.0.0.1'): void {
    this.#parts.authenticator.bans.ban(peer);
  }

  /** Lifts a ban. */
  forgive(peer = '127.0.0.1'): void {
    this.#parts.authenticator.bans.forgive(peer);
  }

  /** Makes every token look unused for longer than its life. */
  expireTokens(): void {
    this.#parts.authenticator.tokens.expireAll();
  }

  /** Lets time pass for bans and tokens without waiting for it. */
  skipTime(ms: number): void {
    this.#parts.hardware.clock.skip(ms);
  }

  /** Prints on a node's serial console. */
  printConsole(node: NodeId, output: string | Uint8Array): void {
    this.#parts.hardware.slot(node).uart.append(Buffer.from(output as Uint8Array));
  }

  /** Takes the global lock as another client's dead upload does; the returned function lets go. */
  async holdLock(): Promise<() => void> {
    return this.#parts.lock.acquire();
  }

  /** Starts a transfer as a client on the BMC itself does: past login and lock. It is never uploaded to. */
  async startForeignTransfer(node: NodeId, length = 1024 * 1024): Promise<void> {
    const query = `opt=set&type=flash&node=${node - 1}&file=foreign.img&length=${length}`;
    await actAs(ON_THE_BOARD, () => startTransfer(this.#parts.transfers, new Query(query)));
  }

  /** Puts a module into USB boot as another tool on the BMC does: past login and lock, and it stays so. */
  async enterUsbBoot(node: NodeId): Promise<void> {
    const { hardware } = this.#parts;
    await actAs(ON_THE_BOARD, () => enterUsbBoot(hardware, node, new AbortController().signal));
  }

  /** Switches a node on or off as a client on the BMC itself does: past login and lock. */
  async switchPower(node: NodeId, on: boolean): Promise<void> {
    await actAs(ON_THE_BOARD, () => this.#parts.hardware.setPower(node, on));
  }

  /** Cancels as a client on the BMC itself does. */
  cancelTransfer(): void {
    actAs(ON_THE_BOARD, () => this.#parts.transfers.slot.cancel());
  }

  /** The daemon dies, as of lack of memory: connections are reset and refused until `restart()`. */
  async crash(): Promise<void> {
    await this.#stop(true);
  }

  /** Starts the daemon, or the whole BMC, anew: tokens, bans, transfer and console history are gone. */
  async restart(what: 'daemon' | 'bmc' = 'daemon'): Promise<void> {
    this.#restarting = this.#restarting.then(() => this.#restart(what));
    await this.#restarting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#restarting;
    await this.#stopped;
    await this.#parts.dispose();
  }

  async #restart(what: 'daemon' | 'bmc'): Promise<void> {
    const { hardware, https, http, metrics, transfers } = this.#parts;
    const { fork } = transfers.profile;
    await this.#stop(false);
    if (what === 'bmc' && hardware.revision === 'v2.4') hardware.cutPower();
    // What was staged runs now.
    if (what === 'bmc' && fork) await rm(transfers.firmwareDir, { recursive: true, force: true });
    await hardware.clock.work(what === 'bmc' ? BMC_START_MS : DAEMON_START_MS);
    // The fork's daemon leaves nodes alone when any of them is on.
    if (fork && hardware.slots.some(({ powered }) => powered)) hardware.restoreUsb();
    else hardware.applySettings();
    await https.listen();
    await http?.listen();
    await metrics?.listen();
    this.#stopped = undefined;
  }

  #stop(reset: boolean): Promise<void> {
    this.#stopped ??= this.#stopDaemon(reset);
    return this.#stopped;
  }

  async #stopDaemon(reset: boolean): Promise<void> {
    const { https, http, metrics, transfers, authenticator, lock, hardware } = this.#parts;
    await Promise.all([
      https.close(reset),
      http?.close(),
      metrics?.close(),
      transfers.slot.restart(new DaemonStopped()),
    ]);
    authenticator.tokens.clear();
    authenticator.bans.clear();
    lock.reset();
    for (const slot of hardware.slots) slot.uart.clear();
  }
}
