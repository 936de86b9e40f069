import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runHostCommand } from './host-command.js';
import { findLeftovers } from './find-leftovers.js';
import { findLoopDevices, findMounts } from './kernel-leftovers.js';
import type { FindLeftoversOptions, Leftover } from './leftover.js';

/** What became of the leftovers that were found. */
export interface RemovedLeftovers {
  readonly removed: readonly Leftover[];
  /** Those that could not be removed, for example for want of root, and why. */
  readonly failed: readonly { readonly leftover: Leftover; readonly why: string }[];
}

/** Finds and removes what dead runs left behind; see {@link findLeftovers}. Never rejects: what fails is reported. */
export async function removeLeftovers(options: FindLeftoversOptions): Promise<RemovedLeftovers> {
  const removed: Leftover[] = [];
  const failed: { leftover: Leftover; why: string }[] = [];
  for (const leftover of await findLeftovers(options)) {
    try {
      await removeLeftover(leftover, options);
      removed.push(leftover);
    } catch (error) {
      failed.push({ leftover, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return { removed, failed };
}

async function removeLeftover({ kind, name, pid }: Leftover, options: FindLeftoversOptions): Promise<void> {
  if (kind === 'container') return options.containers?.remove(name);
  if (kind === 'mount') return command('umount', [name], () => isMounted(name, pid));
  if (kind === 'loop-device') return command('losetup', ['--detach', name], () => isAttached(name));
  if (kind === 'working-copy') {
    // Never through a mount: its files are the image's.
    if ((await findMounts(name, pid)).length > 0) throw new Error(`${name} still has something mounted`);
    if ((await findLoopDevices(join(name, 'disk.img'), pid)).length > 0)
      throw new Error(`${name} still has a loop device`);
  }
  await rm(name, { recursive: kind === 'working-copy', force: true });
}

/** Runs a program that may find its work done: a loop device goes with its last mount. */
async function command(
  program: string,
  args: readonly string[],
  isStillThere: () => Promise<boolean>,
): Promise<void> {
  const { exitCode, stderr } = await runHostCommand(program, args);
  if (exitCode !== 0 && (await isStillThere())) throw new Error(stderr.trim());
}

async function isMounted(mountPoint: string, pid: number): Promise<boolean> {
  const parent = mountPoint.slice(0, mountPoint.lastIndexOf('/'));
  return (await findMounts(parent, pid)).some(({ name }) => name === mountPoint);
}

async function isAttached(device: string): Promise<boolean> {
  const path = join('/sys/block', device.slice('/dev/'.length), 'loop');
  return lstat(path).then(
    () => true,
    () => false,
  );
}
