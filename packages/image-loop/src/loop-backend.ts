import { access } from 'node:fs/promises';
import {
  cacheDirectories,
  type ImageBackend,
  type ImageSession,
  type OpenImageOptions,
  removeLeftovers,
  WorkingCopySession,
  runHostCommand,
} from '@turingpi/image/backend';

import { LoopMount } from './loop-mount.js';

const PROGRAMS = ['losetup', 'mount', 'umount', 'e2fsck'];

/** The host that may mount; given in tests. */
export interface LoopHost {
  readonly platform: NodeJS.Platform;
  /** Effective user number; undefined where there is none. */
  readonly uid: number | undefined;
}

/** Mounts a raw working copy with the kernel of this host: Linux, as root. */
export class LoopBackend implements ImageBackend {
  readonly id = 'loop';
  readonly preference = 10;

  constructor(private readonly host: LoopHost = { platform: process.platform, uid: process.geteuid?.() }) {}

  async unavailable(): Promise<string | undefined> {
    const { platform, uid } = this.host;
    if (platform !== 'linux') return `mounting loop devices needs Linux, and this is ${platform}`;
    if (uid !== 0) return 'mounting needs root';
    for (const program of PROGRAMS) {
      const missing = await runHostCommand(program, ['-V']).then(
        () => false,
        () => true,
      );
      if (missing) return `the program ${program} is not installed`;
    }
    return access('/dev/loop-control').then(
      () => undefined,
      () => 'this kernel has no loop devices (/dev/loop-control)',
    );
  }

  async open(path: string, options: OpenImageOptions, reason: string): Promise<ImageSession> {
    await removeLeftovers({ directories: cacheDirectories(options.cacheDir) });
    return WorkingCopySession.open(path, options, {
      id: this.id,
      reason,
      mounter: (copy) =>
        Promise.resolve({
          mount: (partition, now) => new LoopMount(copy, partition, now),
          [Symbol.asyncDispose]: () => Promise.resolve(),
        }),
    });
  }
}
