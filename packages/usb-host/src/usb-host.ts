import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import type { ExecaError } from 'execa';
import { UsbHostError } from './usb-host-error.js';
import type { BlockDevice } from './block-device.js';
import { LSBLK_ARGUMENTS, parseLsblk, usbIdOf } from './linux-devices.js';
import { parseDiskutilInfo, parseDiskutilList } from './macos-devices.js';

/** The computer that a Compute Module is connected to by USB. */
export interface UsbHost {
  readonly platform: NodeJS.Platform;
  /** All disks, with what they are used for. */
  listDevices(signal: AbortSignal): Promise<readonly BlockDevice[]>;
  /** What {@link startStorage} needs and this computer does not have: CM4_PLATFORM_UNSUPPORTED, CM4_RPIBOOT_MISSING. */
  missing?(signal: AbortSignal): Promise<UsbHostError | undefined>;
  /** Waits for a module in USB boot and starts its storage; returns when it has done so. */
  startStorage(signal: AbortSignal): Promise<void>;
  /** Makes the next read of a device come from the device. */
  dropCache(device: BlockDevice, signal: AbortSignal): Promise<void>;
}

/** Which programs are run; a test puts its own in their place. */
export interface UsbHostPrograms {
  readonly rpiboot: string;
  readonly lsblk: string;
  readonly blockdev: string;
  readonly diskutil: string;
  readonly plutil: string;
}

const PROGRAMS: UsbHostPrograms = {
  rpiboot: 'rpiboot',
  lsblk: 'lsblk',
  blockdev: 'blockdev',
  diskutil: 'diskutil',
  plutil: 'plutil',
};

/** This computer, with `rpiboot` and the system's own programs. Linux and macOS. */
export class LocalUsbHost implements UsbHost {
  readonly platform: NodeJS.Platform = process.platform;
  protected readonly programs: UsbHostPrograms = PROGRAMS;

  async listDevices(signal: AbortSignal): Promise<readonly BlockDevice[]> {
    try {
      return this.platform === 'darwin' ? await this.#macosDevices(signal) : await this.#linuxDevices(signal);
    } catch (cause) {
      signal.throwIfAborted();
      throw new UsbHostError('CM4_DEVICE_LIST_FAILED', 'cannot list the disks of this computer', {
        cause,
        hint: 'It is done with `lsblk` on Linux and `diskutil` on macOS.',
      });
    }
  }

  async missing(signal: AbortSignal): Promise<UsbHostError | undefined> {
    signal.throwIfAborted();
    const { rpiboot } = this.programs;
    return (await isProgram(rpiboot)) ? undefined : rpibootMissing(rpiboot);
  }

  async startStorage(signal: AbortSignal): Promise<void> {
    const { execa, ExecaError } = await loadExeca();
    try {
      await execa(this.programs.rpiboot, [], { cancelSignal: signal, stdin: 'ignore' });
    } catch (cause) {
      signal.throwIfAborted();
      const failure = cause instanceof ExecaError ? cause : undefined;
      if (failure?.code === 'ENOENT') throw rpibootMissing(this.programs.rpiboot);
      throw new UsbHostError('CM4_RPIBOOT_FAILED', `rpiboot failed: ${lastLine(failure)}`, {
        cause,
        hint: 'It needs access to USB: run as root, or give your user a udev rule for vendor 0a5c.',
      });
    }
  }

  async dropCache(device: BlockDevice, signal: AbortSignal): Promise<void> {
    if (this.platform !== 'linux' || !device.path.startsWith('/dev/')) return;
    const { execa } = await loadExeca();
    await execa(this.programs.blockdev, ['--flushbufs', device.path], { cancelSignal: signal });
  }

  async #linuxDevices(signal: AbortSignal): Promise<readonly BlockDevice[]> {
    const { execa } = await loadExeca();
    const { stdout } = await execa(this.programs.lsblk, [...LSBLK_ARGUMENTS], { cancelSignal: signal });
    return await Promise.all(
      parseLsblk(stdout).map(async ({ name, ...device }) => ({ ...device, usbId: await usbIdOf(name) })),
    );
  }

  async #macosDevices(signal: AbortSignal): Promise<readonly BlockDevice[]> {
    const list = await this.#diskutil(['list', '-plist', 'external', 'physical'], signal);
    return await Promise.all(
      parseDiskutilList(list).map(async ({ disk, usedAt }) =>
        parseDiskutilInfo(await this.#diskutil(['info', '-plist', disk], signal), disk, usedAt),
      ),
    );
  }

  async #diskutil(args: readonly string[], signal: AbortSignal): Promise<string> {
    const { execa } = await loadExeca();
    const plist = await execa(this.programs.diskutil, args, { cancelSignal: signal });
    const json = await execa(this.programs.plutil, ['-convert', 'json', '-o', '-', '-'], {
      input: plist.stdout,
      cancelSignal: signal,
    });
    return json.stdout;
  }
}

function rpibootMissing(program: string): UsbHostError {
  return new UsbHostError('CM4_RPIBOOT_MISSING', `there is no program ${program} on this computer`, {
    hint: 'Install `rpiboot` (Debian and Ubuntu: package rpiboot; macOS: build usbboot of Raspberry Pi), or use the strategy `flash`.',
  });
}

/** Whether a program would be found: by its path, or by its name where programs are looked for. */
async function isProgram(name: string): Promise<boolean> {
  const folders = name.includes('/') ? [''] : (process.env['PATH'] ?? '').split(path.delimiter);
  for (const folder of folders)
    if (
      await access(path.resolve(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return true;
  return false;
}

/** Loaded when a program is run: most runs start none. */
const loadExeca = () => import('execa');

function lastLine(failure: ExecaError | undefined): string {
  const output = `${String(failure?.stderr ?? '')}\n${String(failure?.stdout ?? '')}`;
  return output.trim().split('\n').at(-1) ?? 'no output';
}
