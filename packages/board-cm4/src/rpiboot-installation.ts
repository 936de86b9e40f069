import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BmcClient, type OtherNodes, timeLimit, UNKNOWN_NODES } from '@turingpi/bmc';
import { assertPermit, CleanupStack, type ErasePermit, withNamedNodes } from '@turingpi/foundation';
import type { InstallationRequest } from '@turingpi/provisioning';
import {
  UsbHostError,
  type BlockDevice,
  describeDevice,
  appeared,
  chooseDevice,
  type UsbHost,
  writeDevice,
} from '@turingpi/usb-host';

/** Limits of an installation over USB, in milliseconds. */
export interface RpibootTimings {
  /** For the module to answer `rpiboot` after it was switched on. */
  readonly startMs: number;
  /** For its storage to appear afterwards. */
  readonly appearMs: number;
  /** How long disks must stay the same before one is chosen: a gadget shows several one after the other. */
  readonly settleMs: number;
  readonly pollMs: number;
  /** For switching the node off and restoring the USB mode at the end. */
  readonly restoreMs: number;
}

export const DEFAULT_RPIBOOT_TIMINGS: RpibootTimings = {
  startMs: 90_000,
  appearMs: 45_000,
  settleMs: 3000,
  pollMs: 500,
  restoreMs: 60_000,
};

/** What an installation works with. */
export interface RpibootParts {
  readonly bmc: BmcClient;
  readonly host: UsbHost;
  /** What else than its console tells that another node runs a system. */
  readonly otherNodes?: OtherNodes | undefined;
  readonly timings: RpibootTimings;
}

/**
 * Installs an image from this computer over USB: the BMC puts the module into USB boot, `rpiboot` starts its storage,
 * which is then written like a disk.
 *
 * @remarks Steps as in docs/reference/images.md, "USB boot of a CM4". The board is ours for the time: a flash of
 * another node would route USB away. Whatever happens, the node is off and its USB mode restored in the end.
 *
 * @throws UsbHostError
 */
export async function installOverUsb(request: InstallationRequest, parts: RpibootParts): Promise<void> {
  const { node, signal, progress } = request;
  const unsupported = platformUnsupported(parts.host.platform);
  if (unsupported) throw unsupported;
  if (request.dryRun === true) {
    tell(request);
    return;
  }
  const { permit } = request;
  assertPermit(permit, { node: node.id, disk: 'emmc' });
  await parts.bmc.withBoard(
    () => withNamedNodes([node.id], 'installation over USB', () => write(request, permit, parts)),
    { signal, onWait: (note) => progress({ activity: 'wait for the board', note }) },
  );
}

async function write(request: InstallationRequest, permit: ErasePermit, parts: RpibootParts): Promise<void> {
  const { node, signal, progress } = request;
  await using restore = new CleanupStack();
  const device = await storageOf(request, parts, restore);
  progress({ activity: 'write', note: `writing to ${describeDevice(device)}` });
  const image = await request.image.open('raw', signal);
  image.stream.on('error', () => undefined); // an abort may come before it is read; reading tells it then
  try {
    await permit.begin({ node: node.id, disk: 'emmc' });
    await writeDevice(device, image, {
      signal,
      progress,
      dropCache: () => parts.host.dropCache(device, signal),
    });
  } finally {
    if (image.stream instanceof Readable) image.stream.destroy();
  }
  request.logger.info({ node: node.id, device: device.path }, 'image is written over USB and verified');
}

/** Brings the module up as a disk of this computer. */
async function storageOf(
  { node, signal, progress, image }: InstallationRequest,
  { bmc, host, otherNodes, timings }: RpibootParts,
  restore: CleanupStack,
): Promise<BlockDevice> {
  const afterwards = () => ({ signal: timeLimit(timings.restoreMs) });
  const { bus, ...usb } = await bmc.usb.get({ signal });
  if (bus === 'hub') await bmc.refuseOtherNodes(node.id, otherNodes ?? UNKNOWN_NODES, { signal });
  // Never back to `flash`: it would keep the node from booting. Off before the pin falls, so that it does not boot now.
  const mode = usb.mode === 'flash' ? 'device' : usb.mode;
  restore.defer('USB mode', () => bmc.usb.set({ ...usb, mode }, afterwards()));
  restore.defer('power', () => bmc.power.off(node.id, afterwards()));
  await bmc.power.off(node.id, { signal });
  const before = await host.listDevices(signal);
  await bmc.usb.set({ node: node.id, mode: 'flash', route: 'port' }, { signal });
  progress({ activity: 'start storage', note: 'rpiboot waits for the module' });
  await startStorage(node.id, { bmc, host, timings }, signal);
  return await chosenDevice(before, image.record.rawSizeBytes, { host, timings }, signal);
}

async function startStorage(
  node: InstallationRequest['node']['id'],
  { bmc, host, timings }: Pick<RpibootParts, 'bmc' | 'host' | 'timings'>,
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.timeout(timings.startMs);
  const stop = new AbortController();
  const started = host.startStorage(AbortSignal.any([signal, limit, stop.signal]));
  started.catch(() => undefined); // awaited below, also when the BMC fails first
  try {
    await bmc.power.on(node, { signal });
    await started;
  } catch (cause) {
    signal.throwIfAborted();
    if (!limit.aborted) throw cause;
    throw new UsbHostError(
      'CM4_RPIBOOT_FAILED',
      `the module in slot ${node} did not answer rpiboot in time`,
      {
        cause,
        hint: 'Check the cable: boards up to v2.4 need USB A to A, v2.5 uses its USB-C port.',
      },
    );
  } finally {
    stop.abort();
    await started.catch(() => undefined);
  }
}

/** Looks until what has appeared stays the same for a while, then decides. */
async function chosenDevice(
  before: readonly BlockDevice[],
  neededBytes: number,
  { host, timings }: Pick<RpibootParts, 'host' | 'timings'>,
  signal: AbortSignal,
): Promise<BlockDevice> {
  const until = performance.now() + timings.appearMs;
  let last = '';
  let since = performance.now();
  for (;;) {
    const now = await host.listDevices(signal);
    const fresh = JSON.stringify(appeared(before, now));
    if (fresh !== last) [last, since] = [fresh, performance.now()];
    const settled = fresh !== '[]' && performance.now() - since >= timings.settleMs;
    if (settled || performance.now() > until) return chooseDevice(before, now, neededBytes);
    await sleep(timings.pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** The error for a platform on which this cannot be done. */
export function platformUnsupported(platform: NodeJS.Platform): UsbHostError | undefined {
  if (platform === 'linux' || platform === 'darwin') return undefined;
  return new UsbHostError(
    'CM4_PLATFORM_UNSUPPORTED',
    `installing over USB with rpiboot is not supported on ${platform}`,
    {
      hint: 'Use the strategy `flash`, which goes through the BMC and needs no cable, or run this on Linux or macOS.',
    },
  );
}

function tell({ node, image, progress }: InstallationRequest): void {
  const steps = [
    `switch node ${node.id} off`,
    `set its USB mode to flash, towards the board's USB port`,
    'run rpiboot and switch the node on',
    `wait for a new disk that calls itself a Compute Module's, unused and at least ${image.record.rawSizeBytes} bytes`,
    `write ${image.record.path} to it, read it back and compare`,
    `switch node ${node.id} off and restore its USB mode`,
  ];
  for (const step of steps) progress({ activity: 'dry run', note: `would ${step}` });
}
