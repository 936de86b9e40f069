import { timeLimit } from '@turingpi/bmc';
import { assertPermit, CleanupStack } from '@turingpi/foundation';
import type { BoardDriver, InstallationRequest, InstallationStrategy } from '@turingpi/provisioning';
import type { ModuleHardware } from '../base/module-hardware.js';
import { composeInstaller } from '../installer-image/compose-installer.js';
import { installerAddress } from '../installer-image/installer-address.js';
import type { InstallerSettings } from '../installer-image/installer-settings.js';
import { NetworkInstallError } from '../network-install-error.js';
import { addressToward } from '../server/address-toward.js';
import { ImageServer } from '../server/image-server.js';
import { ServedImage } from '../served/served-image.js';
import { bootFromEmmc } from './boot-from-emmc.js';
import { imageFile } from './image-file.js';
import { approveDisk, type InstallTarget, parseTarget } from './install-target.js';
import type { InstallerCache } from './installer-cache.js';
import { installerStream } from './installer-stream.js';
import type { NetworkTimings } from './network-timings.js';
import { NodeWatch } from './node-watch.js';
import { installerUnseen, whyUnseen } from './unseen-installer.js';

const DISK = 'emmc';
const WORKERS = 4;

/** What an installation over the network works with. */
export interface NetworkParts {
  readonly board: BoardDriver;
  readonly module: ModuleHardware;
  /** How the installer gets onto the node, and the whole image when no installer is seen. */
  readonly flash: InstallationStrategy;
  readonly installers: Pick<InstallerCache, 'of'>;
  readonly cacheDir: string;
  readonly timings: NetworkTimings;
  /** Address under which nodes reach this computer. Default: by the route to the node. */
  readonly serveAddress?: string | undefined;
}

/**
 * Installs one node: a small installer goes through the BMC and is started; it pulls the image from here, writes it over
 * itself or to the NVMe beside it, reads it back, and says so.
 *
 * @remarks When neither a request nor a line on the serial console shows the installer, the image is flashed as usual, if it
 * is to go to the eMMC; after that never, as the disk may be half written by somebody who is still at it. Where an older system on an
 * NVMe starts instead, and the NVMe is what is to be written, the boot loader is told once to start the eMMC. The node is off in the end, but when its installer
 * failed: its serial console then has a shell.
 * @throws NetworkInstallError; ImageError; what the board's own strategy throws.
 */
export async function installOverNetwork(request: InstallationRequest, parts: NetworkParts): Promise<void> {
  const { node, progress, logger } = request;
  assertPermit(request.permit, { node: node.id, disk: DISK });
  await using cleanup = new CleanupStack();
  progress({ activity: 'prepare the installer' });
  const watch = new NodeWatch();
  const target = parseTarget(request.target) ?? { disk: 'emmc' };
  let refusal: NetworkInstallError | undefined;
  const served = await serve(request, parts, watch, cleanup, (error) => (refusal = error));
  await flashInstaller(request, parts, { ...served, target });
  const signal = (await request.slot?.release()) ?? request.signal;
  const waiting = { ...request, signal };
  const consoleStop = new AbortController();
  const following = watch.follow(
    parts.board.followConsole({ ...waiting, signal: AbortSignal.any([signal, consoleStop.signal]) }),
  );
  cleanup.defer('console', async () => {
    consoleStop.abort();
    await following;
  });
  let leftOn = false;
  try {
    await parts.board.powerOn({ ...waiting, isSlotWanted: () => request.slot?.isWanted() === true });
    await untilSeen(waiting, parts, watch);
    if (watch.isOther && target.disk === 'nvme') await startEmmcInstead(waiting, parts, watch);
    if (watch.state !== 'unseen') await untilInstalled(waiting, served, watch, parts.timings);
  } catch (error) {
    leftOn = error instanceof NetworkInstallError; // there is a shell on its serial console
    throw leftOn ? (refusal ?? error) : error;
  } finally {
    await parts.board.bootEnded?.(waiting).catch(() => undefined);
    if (!leftOn && (await request.isStillOurs?.()) !== false)
      await parts.board.powerOff({ ...waiting, signal: timeLimit(parts.timings.powerOffMs) });
  }
  if (watch.state === 'done') {
    logger.info(
      { node: node.id, sentBytes: watch.sentBytes, diskBytes: watch.diskBytes },
      'node installed itself',
    );
    return;
  }
  if (target.disk === 'emmc') await flashInstead(request, parts, watch);
  else throw await installerUnseen(node, parts.timings.callHomeMs, watch, signal);
}

/** An image that is being served, and what the node is told of that. */
interface Served {
  readonly file: string;
  readonly image: ServedImage;
  readonly settings: Pick<InstallerSettings, 'url' | 'publicKeyPin' | 'token'>;
}

async function serve(
  request: InstallationRequest,
  { cacheDir, serveAddress }: NetworkParts,
  watch: NodeWatch,
  cleanup: CleanupStack,
  onRefusal: (error: NetworkInstallError) => void,
): Promise<Served> {
  const { node, signal } = request;
  const host = serveAddress ?? (await addressToward(node.ipAddress));
  const file = await imageFile(request, cacheDir, cleanup);
  const image = cleanup.use('image that is served', await ServedImage.open(file, { cacheDir, signal }));
  const server = cleanup.use('image server', await ImageServer.listen());
  const admission = server.admit(image, (sign) => watch.tell(sign), approveDisk(request, onRefusal));
  cleanup.defer('admission of the node', () => server.dismiss(admission));
  const { publicKeyPin, port } = server;
  return { file, image, settings: { url: `https://${host}:${port}`, publicKeyPin, token: admission.token } };
}

/** The installer is large: nothing keeps it when it is on the node. */
async function flashInstaller(
  request: InstallationRequest,
  { installers, cacheDir, module, flash }: NetworkParts,
  { settings, file, target }: Served & { readonly target: InstallTarget },
): Promise<void> {
  const { node, image, signal, progress } = request;
  const base = image.record.inputs?.['base'];
  const key = base === undefined ? undefined : `${node.config.board} ${JSON.stringify(base)}`;
  const prepared = await installers.of(key, file, module, { cacheDir, signal });
  const address = installerAddress(node, image.record);
  if (address.dhcp && !prepared.base.programs.asksDhcp)
    progress({
      activity: 'prepare the installer',
      note: `the base image has no busybox that asks a DHCP server: where its initrd has none either, the installer takes ${address.ip}`,
    });
  const installer = await composeInstaller(prepared, {
    ...{ ...settings, address },
    networkDevice: module.networkDevice,
    drivers: [...module.otherDrivers, ...module.networkDrivers],
    workers: WORKERS,
    target: target.disk,
  });
  await flash.install({ ...request, image: installerStream(installer, image.record) });
}

/** Waits until the installer is seen, or another system. */
async function untilSeen(
  { progress, signal }: InstallationRequest,
  { timings }: NetworkParts,
  watch: NodeWatch,
): Promise<void> {
  progress({ activity: 'wait for the installer' });
  const seen = () => watch.state !== 'unseen' || watch.isOther;
  await within(timings.callHomeMs, signal, (limit) => watch.until(seen, timings.callHomeMs, limit));
}

/** Switches the node off and on, and has its boot loader start the eMMC. */
async function startEmmcInstead(
  request: InstallationRequest,
  parts: NetworkParts,
  watch: NodeWatch,
): Promise<void> {
  const { node, progress, logger } = request;
  const { board, module } = parts;
  const bootTarget = module.emmcBootTarget;
  if (bootTarget === undefined) return;
  const note = `another system started on node ${node.id}, as its boot loader prefers: it is told to start the eMMC`;
  logger.warn({ node: node.id, console: watch.console }, note);
  progress({ activity: 'start the eMMC', note });
  await board.powerOff(request);
  watch.startsAgain();
  await board.powerOn({ ...request, isSlotWanted: () => request.slot?.isWanted() === true });
  if (await bootFromEmmc(board, request, { watch, bootTarget })) await untilSeen(request, parts, watch);
}

/** @throws NetworkInstallError `INSTALLER_FAILED`, `INSTALLER_STALLED`. */
async function untilInstalled(
  { node, signal, progress }: InstallationRequest,
  { image }: Served,
  watch: NodeWatch,
  { silenceMs }: NetworkTimings,
): Promise<void> {
  const total = image.transferBytes;
  const isOver = (): boolean => {
    if (watch.state === 'checking') progress({ activity: 'the node reads back what it wrote' });
    else
      progress({
        activity: 'the node pulls the image',
        done: Math.min(watch.sentBytes, total),
        total,
        unit: 'bytes',
      });
    return watch.state === 'done' || watch.state === 'failed';
  };
  const isKnown = await watch.until(isOver, silenceMs, signal);
  if (watch.state === 'done') return;
  const details = { node: node.id, console: watch.console, sentBytes: watch.sentBytes };
  const hint = `Its serial console tells more, and has a shell: \`turingpi node uart --node ${node.id} --follow\`. To install it through the BMC, use the strategy \`flash\`.`;
  const why = watch.reason === undefined ? '' : `: ${watch.reason}`;
  if (isKnown)
    throw new NetworkInstallError('INSTALLER_FAILED', `the installer on node ${node.id} gave up${why}`, {
      hint,
      details,
    });
  throw new NetworkInstallError(
    'INSTALLER_STALLED',
    `nothing was heard of the installer on node ${node.id} for ${Math.round(silenceMs / 60_000)} minutes${why}`,
    { hint, details },
  );
}

/** Nothing was seen of the installer, and the node is off: nobody writes. */
async function flashInstead(
  request: InstallationRequest,
  { flash, timings }: NetworkParts,
  watch: NodeWatch,
): Promise<void> {
  const { node, progress, logger } = request;
  const why = await whyUnseen(node, timings.callHomeMs, watch, request.signal);
  logger.warn({ node: node.id, console: watch.console }, `${why}; the image is flashed instead`);
  progress({ activity: 'flash instead', note: `${why}; the image is flashed through the BMC instead` });
  const signal = (await request.slot?.take()) ?? request.signal;
  const permit = request.permit?.again(); // the installer was an erasure of its own
  await flash.install({ ...request, signal, ...(permit && { permit }) });
}

/** Runs something under a limit; when that is over, so is the waiting. */
async function within(
  ms: number,
  signal: AbortSignal,
  run: (limit: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const limit = AbortSignal.timeout(ms);
  try {
    await run(AbortSignal.any([signal, limit]));
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
  }
}
