import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CleanupStack } from '@turingpi/foundation';
import {
  ImageError,
  type Partition,
  type MountedFiles,
  type PartitionMount,
  type WorkingCopy,
  type CommandResult,
  runHostCommand,
} from '@turingpi/image/backend';

import { LoopFiles } from './loop-files.js';

/**
 * The image's own devices and programs mean nothing on this host (`nodev`, `nosuid`, `noexec`), and an error in it must
 * not stop this host, whatever its superblock asks for (`errors=remount-ro`).
 */
const MOUNT_OPTIONS = 'rw,nodev,nosuid,noexec,noatime,errors=remount-ro';
/** A program that looks into every new mount lets go of it soon. */
const UNMOUNT_TRIES = 20;
const UNMOUNT_PAUSE_MS = 100;

/** An ext4 partition of a working copy, mounted by this host through a loop device. */
export class LoopMount implements PartitionMount {
  readonly #mountPoint: string;
  #files: LoopFiles | undefined;

  constructor(
    private readonly copy: WorkingCopy,
    private readonly partition: Partition,
    private readonly now: () => Date,
  ) {
    this.#mountPoint = join(copy.directory, `mnt${partition.number}`);
  }

  async files(): Promise<MountedFiles> {
    return (this.#files ??= await this.#mount());
  }

  async unmount(): Promise<void> {
    if (this.#files === undefined) return;
    const { exitCode, stderr } = await this.#umount();
    if (exitCode !== 0)
      throw new ImageError(
        'IMAGE_WRITE_FAILED',
        `${this.#mountPoint} cannot be unmounted: ${stderr.trim()}`,
        {
          hint: 'Some program of this computer looks into it.',
        },
      );
    this.#files = undefined;
    await rmdir(this.#mountPoint);
  }

  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await using cleanup = new CleanupStack();
    const device = await this.#attach(cleanup, '--read-only');
    const { exitCode, stdout, stderr } = await runHostCommand('e2fsck', ['-f', '-n', device]);
    if (exitCode !== 0)
      throw new ImageError(
        'IMAGE_SELF_CHECK_FAILED',
        `e2fsck finds partition ${this.partition.number} damaged: ${(stdout + stderr).trim()}`,
        { details: { partition: this.partition.number, exitCode } },
      );
  }

  /** Also when it is held: then it vanishes from this host's tree at once, and when it is let go, altogether. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#files === undefined) return;
    const { exitCode } = await this.#umount();
    if (exitCode !== 0) await runHostCommand('umount', ['--lazy', this.#mountPoint]);
    this.#files = undefined;
    await rmdir(this.#mountPoint);
  }

  async #mount(): Promise<LoopFiles> {
    await using cleanup = new CleanupStack();
    const device = await this.#attach(cleanup);
    await this.#recover(device);
    await mkdir(this.#mountPoint, { mode: 0o700 });
    const args = ['-t', 'ext4', '-o', MOUNT_OPTIONS, device, this.#mountPoint];
    const { exitCode, stderr } = await runHostCommand('mount', args);
    if (exitCode !== 0) {
      await rmdir(this.#mountPoint);
      throw new ImageError(
        'IMAGE_FILESYSTEM_UNSUPPORTED',
        `This computer's kernel cannot mount partition ${this.partition.number}: ${stderr.trim()}`,
        {
          hint: 'Its filesystem is damaged, or a kind that this kernel does not know: use another base image.',
          details: { partition: this.partition.number },
        },
      );
    }
    // Leaving here detaches the loop device, which of a mounted one means: as soon as it is unmounted, even by the
    // kernel itself. So nothing is left when this process does not live to unmount it in order.
    return new LoopFiles(this.#mountPoint, this.now);
  }

  /** Replays the journal and what else a mount after a crash would set right. Exit codes: e2fsck(8). */
  async #recover(device: string): Promise<void> {
    const { exitCode, stdout, stderr } = await runHostCommand('e2fsck', ['-p', device]);
    if ((exitCode & ~3) === 0) return;
    const said = (stdout + stderr).trim();
    if (/unsupported feature|newer version of e2fsck/iu.test(said))
      throw new ImageError(
        'IMAGE_FILESYSTEM_UNSUPPORTED',
        `Partition ${this.partition.number} has features that this computer's e2fsck does not know: ${said}`,
        { hint: 'Install a newer e2fsprogs, or use another base image.', details: { exitCode } },
      );
    throw new ImageError(
      'IMAGE_FILESYSTEM_CORRUPT',
      `Partition ${this.partition.number} has errors that e2fsck does not repair by itself: ${said}`,
      { details: { exitCode } },
    );
  }

  /** Takes a loop device for the partition until the cleanup. By offset: not every kernel makes partition devices. */
  async #attach(cleanup: CleanupStack, ...more: readonly string[]): Promise<string> {
    const { offsetBytes, sizeBytes } = this.partition;
    const { exitCode, stdout, stderr } = await runHostCommand('losetup', [
      '--find',
      '--show',
      `--offset=${offsetBytes}`,
      `--sizelimit=${sizeBytes}`,
      ...more,
      this.copy.disk.path,
    ]);
    const device = stdout.trim();
    if (exitCode !== 0 || device === '')
      throw new ImageError('IMAGE_NO_BACKEND', `There is no loop device to be had: ${stderr.trim()}`, {
        hint: 'The loop backend needs root and a kernel with loop devices.',
      });
    cleanup.defer(`detach ${device}`, async () => {
      await runHostCommand('losetup', ['--detach', device]);
    });
    return device;
  }

  async #umount(): Promise<CommandResult> {
    for (let tries = 1; ; tries++) {
      const result = await runHostCommand('umount', [this.#mountPoint]);
      if (result.exitCode === 0 || tries === UNMOUNT_TRIES) return result;
      await delay(UNMOUNT_PAUSE_MS);
    }
  }
}
