import {
  type ActionEnvironment,
  type ChangeResult,
  editedFile,
  LookingAction,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { LinuxError } from '../linux-error.js';
import { allOf } from '../post-install/all-of.js';
import { withoutFstabEntry, withFstabEntry } from './fstab.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Mounts a filesystem, now and at every boot. */
    mount(wanted: MountInput): Promise<ChangeResult>;
  }
}

export interface MountInput {
  /** The directory that it is seen at. */
  readonly path: string;
  /** `/dev/…`, `UUID=…`, `LABEL=…`, or what the filesystem takes, as `server:/export`. Left out: it is unmounted. */
  readonly device?: string | undefined;
  /** Default `auto`. */
  readonly type?: string | undefined;
  /** Default `defaults,nofail`: a node without it still boots. */
  readonly options?: string | undefined;
}

const word = z.string().regex(/^[^\s#][^\s]*$/, 'expected a word without blanks');

/** Mounts a filesystem of the node, now and at every boot. */
export class MountAction extends LookingAction<MountInput> {
  readonly id = 'mount';
  readonly title = 'mounts a filesystem, now and at every boot';
  readonly schema = z.strictObject({
    path: z.string().regex(/^\/[^\s]+$/, 'expected an absolute path without blanks'),
    device: word.optional(),
    type: word.optional(),
    options: word.optional(),
  });

  note({ path }: MountInput): string {
    return path;
  }

  inputs({ path, device, type, options }: MountInput) {
    return { path, device, type, options };
  }

  /** @throws LinuxError `MOUNT_TAKEN` when something else is mounted there. */
  protected async look(
    { path, device, type = 'auto', options = 'defaults,nofail' }: MountInput,
    environment: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const { session, signal } = environment;
    const node = await session();
    const ask = { signal, sudo: true, allowFailure: true };
    const { stdout } = await node.exec(['findmnt', '-n', '-o', 'SOURCE', '--mountpoint', path], ask);
    const mounted = stdout.trim().split('\n').at(-1) ?? '';
    const run = (...commands: readonly (readonly string[])[]) => ({
      make: async () => {
        for (const command of commands) await node.exec(command, { signal, sudo: true });
      },
    });
    if (device === undefined)
      return allOf([
        mounted === '' ? undefined : run(['umount', '--', path]),
        await editedFile(
          { path: '/etc/fstab', create: true, edit: (text) => withoutFstabEntry(text, path) },
          environment,
        ),
      ]);
    if (mounted !== '') {
      const { stdout: found } = await node.exec(['findfs', device], ask);
      const real = await node.exec(['readlink', '-f', '--', found.trim() || device], ask);
      if (![device, found.trim(), real.stdout.trim()].includes(mounted))
        throw new LinuxError(
          'MOUNT_TAKEN',
          `${mounted} is mounted at ${path} on ${node.place}, and not ${device}`,
          {
            hint: 'Unmount it first (`mount` without a device), or take another path.',
          },
        );
    }
    const entry = { device, path, type, options };
    return allOf([
      await editedFile(
        { path: '/etc/fstab', create: true, edit: (text) => withFstabEntry(text, entry) },
        environment,
      ),
      mounted === ''
        ? run(['mkdir', '-p', '--', path], ['mount', '-t', type, '-o', options, '--', device, path])
        : undefined,
    ]);
  }
}
