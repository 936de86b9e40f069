import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CleanupStack } from '@turingpi/foundation';
import { type BoardIdentity, defaultIdentity } from '../api/board-identity.js';
import type { ApiContext } from '../api/api-context.js';
import { otherReply } from '../api/information.js';
import { Authenticator } from '../auth/authenticator.js';
import { BanList } from '../auth/ban-list.js';
import { FifoLock } from '../auth/fifo-lock.js';
import { TokenStore } from '../auth/token-store.js';
import { BoardHardware } from '../hardware/board-hardware.js';
import { PinLog } from '../hardware/pin-log.js';
import { factorySettings, readSettings, SettingsFile } from '../hardware/stored-settings.js';
import { judgeFor } from '../judge/board-judge.js';
import { metricsPage } from '../fork/metrics-page.js';
import { HttpServer } from '../http/http-server.js';
import { FORK_PROTOCOLS, HttpsServer, UPSTREAM_PROTOCOLS } from '../http/https-server.js';
import type { IncomingRequest } from '../http/incoming-request.js';
import { answerPort80 } from '../http/port-80.js';
import { NO_REPLY, type Outcome, textReply } from '../http/reply.js';
import {
  type BoardCertificate,
  createBoardCertificate,
  createForkCertificate,
} from '../tls/board-certificate.js';
import { KeptCertificate } from '../tls/kept-certificate.js';
import { DaemonStopped } from '../transfer/transfer-error.js';
import { TransferSlot } from '../transfer/transfer-slot.js';
import { AccessLog } from './access-log.js';
import { BoardClock } from './board-clock.js';
import { openBoardDirectory } from './board-directory.js';
import { FaultPanel } from './board-faults.js';
import { loadBoardNumbers } from './board-numbers.js';
import { boardProfile } from './board-profile.js';
import { routeRequest } from './board-router.js';
import type { BoardRoutes } from './board-routes.js';
import { fitSlots } from './board-slots.js';
import { UploadWatch } from './upload-watch.js';
import { VirtualBoard } from './virtual-board.js';
import type { VirtualBoardOptions } from './virtual-board-options.js';

const ATTEMPTS_BEFORE_BAN = 5;
const TOKEN_SECONDS = 10_800;
const MEMORY_LIMIT_BYTES = 50 * 1024 * 1024;

/**
 * Starts a virtual Turing Pi 2 board: the BMC's HTTP API over real HTTPS with real eMMC files behind it.
 *
 * @remarks Behaves as the whole of docs/reference/bmc-protocol.md describes and as the recorded exchanges show. Dispose
 * it to close ports and files.
 * @throws BoardDirectoryInUse when another one has `dir`
 */
export async function startVirtualBoard(options: VirtualBoardOptions = {}): Promise<VirtualBoard> {
  await using unstarted = new CleanupStack();
  await using cleanup = new CleanupStack();
  const host = options.host ?? '127.0.0.1';
  const dir = await openBoardDirectory(options.dir, cleanup, unstarted);
  const sdCardDir = join(dir, 'sdcard');
  await mkdir(sdCardDir, { recursive: true });
  const clock = new BoardClock(options.clock);
  const profile = boardProfile(options.profile ?? 'bmcd-2.3.7');
  const revision = options.boardRevision ?? 'v2.5';
  const faults = new FaultPanel();
  faults.set(options.faults ?? {});
  const slot = new TransferSlot(clock);
  const living = () => (slot.state.kind === 'Transferring' ? slot.state.transfer.client : undefined);
  const pins = new PinLog(living);
  const settingsPath = join(dir, 'board.json');
  const settings = options.dir === undefined ? factorySettings() : await readSettings(settingsPath);
  const settingsFile = cleanup.use('settings', new SettingsFile(settingsPath, settings));
  const numbers = await loadBoardNumbers(dir, { mac: options.mac, serial: options.boardSerial });
  const judge = judgeFor(options, () => idsOf(identity, certificate.current));
  const slots = await fitSlots(options, dir, host, { pins, faults, judge }, cleanup, numbers.serial);
  const hardware = new BoardHardware(
    slots,
    settings,
    revision,
    faults,
    clock,
    pins,
    () => settingsFile.changed(),
    options.bringUpMs,
  );
  const identity: BoardIdentity = { ...defaultIdentity(revision, profile, numbers), ...options.identity };
  const certificate = await KeptCertificate.open(dir, () =>
    profile.fork?.certificate === 'p384'
      ? createForkCertificate([identity.hostname, `${identity.hostname}.local`, 'localhost'], [host])
      : createBoardCertificate(options.certificateBits),
  );
  cleanup.defer('transfer', () => slot.restart(new DaemonStopped()));
  const firmwareDir = join(dir, 'firmware');
  const transfers = {
    slot,
    hardware,
    profile,
    sdCardDir,
    firmwareDir,
    memoryLimitBytes: () => faults.current.memoryLimitBytes ?? options.memoryLimitBytes ?? MEMORY_LIMIT_BYTES,
  };
  const authenticator = new Authenticator(
    new Map([
      ...Object.entries(options.accounts ?? {}),
      [options.username ?? 'root', options.password ?? 'turing'],
    ]),
    new TokenStore(BigInt(options.tokenSeconds ?? TOKEN_SECONDS) * 1_000_000_000n, () => clock.nowNs()),
    new BanList(ATTEMPTS_BEFORE_BAN, () => clock.nowNs()),
    profile.fork !== undefined,
  );
  const accesses = new AccessLog();
  const lock = new FifoLock();
  const watch = new UploadWatch(
    options.networkBytesPerSecond,
    faults,
    () => board,
    (connection) => https.drop(connection, true),
  );
  const restart: ApiContext['restart'] = (what) => {
    if (options.simulateRestarts ?? true) void board.restart(what);
  };
  const routes: BoardRoutes = {
    api: { hardware, profile, identity, coolingSpeeds: new Map(), restart, sdCardDir, firmwareDir },
    transfers,
    authenticator,
    lock,
    treatLoopbackAsRemote: options.treatLoopbackAsRemote ?? true,
    probe: (connection) => https.probe(connection),
    watchUpload: (request) => watch.watch(request),
    spoilsForms: () => faults.current.malformedForm ?? false,
    certificate: { current: () => certificate.current, reissue: () => board.reissueCertificate() },
    backupFiles: () =>
      new Map([
        ['etc/hostname', `${identity.hostname}\n`],
        ['var/lib/bmcd/settings.json', `${JSON.stringify(settings)}\n`],
      ]),
  };
  const protocols = profile.fork ? FORK_PROTOCOLS : UPSTREAM_PROTOCOLS;
  const https = new HttpsServer(
    certificate.current,
    protocols,
    clock,
    (request) => answer(routes, accesses, request),
    {
      host,
      port: options.port ?? 0,
    },
  );
  cleanup.use('https', https);
  await https.listen();
  let http: HttpServer | undefined;
  if (options.httpPort !== 'off') {
    const pages = { info: () => otherReply(routes.api), httpsPort: () => https.address.port };
    http = new HttpServer((request) => answerPort80(profile, request, pages), {
      host,
      port: options.httpPort ?? 0,
    });
    cleanup.use('http', http);
    await http.listen();
  }
  let metrics: HttpServer | undefined;
  if (profile.fork && options.metricsPort !== 'off') {
    metrics = new HttpServer(({ path }) => metricsPage(profile.daemonVersion, path), {
      host,
      port: options.metricsPort ?? 0,
    });
    cleanup.use('metrics', metrics);
    await metrics.listen();
  }
  hardware.applySettings();
  const opened = cleanup.move();
  unstarted.move();
  const board = new VirtualBoard({
    ...{
      https,
      http,
      metrics,
      certificate,
      identity,
      hardware,
      pins,
      judge,
      accesses,
      authenticator,
      lock,
      transfers,
      dir,
      sdCardDir,
    },
    bootsNodes: options.createMachine !== undefined || options.boot !== 'none',
    dispose: () => opened[Symbol.asyncDispose](),
  });
  return board;
}

/** By what approvals may name the board. */
function idsOf({ boardSerial, mac, addresses }: BoardIdentity, { publicKeyPin }: BoardCertificate): string[] {
  const macs = [mac, ...addresses.map((device) => device.mac)].map((text) => text.trim().toLowerCase());
  return [`key:${publicKeyPin}`, ...macs.map((text) => `mac:${text}`), `serial:${boardSerial ?? ''}`];
}

async function answer(routes: BoardRoutes, accesses: AccessLog, request: IncomingRequest): Promise<Outcome> {
  const { peer, method, target } = request;
  const at = new Date();
  let outcome: Outcome;
  try {
    outcome = await routeRequest(routes, request);
  } catch (cause) {
    // A mistake of the virtual board, not of the daemon: it must not look like either's normal answer.
    const reason = cause instanceof Error ? cause.message : String(cause);
    outcome = textReply(`virtual board failed: ${reason}`, 500);
  }
  accesses.add({ at, peer, method, target, status: outcome === NO_REPLY ? undefined : outcome.status });
  return outcome;
}
