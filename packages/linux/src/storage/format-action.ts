import {
  type ActionEnvironment,
  type ChangeResult,
  LookingAction,
  nodePath,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { LinuxError } from '../linux-error.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Makes a filesystem on an empty disk or partition; one that has anything on it is refused. */
    format(wanted: FormatInput): Promise<ChangeResult>;
  }
}

export interface FormatInput {
  /** For example `/dev/nvme0n1`. */
  readonly device: string;
  readonly type: 'ext4' | 'xfs' | 'vfat';
  readonly label?: string | undefined;
}

const LABEL_LENGTH = { ext4: 16, xfs: 12, vfat: 11 } as const;
const THIRTY_MINUTES_MS = 1_800_000;

/** Makes a filesystem on an empty disk or partition of the node. */
export class FormatAction extends LookingAction<FormatInput> {
  readonly id = 'format';
  readonly title = 'makes a filesystem on an empty disk';
  readonly schema = z
    .strictObject({
      device: nodePath,
      type: z.enum(['ext4', 'xfs', 'vfat']),
      label: z
        .string()
        .regex(/^[A-Za-z0-9_.-]+$/)
        .optional(),
    })
    .refine(({ type, label = '' }) => label.length <= LABEL_LENGTH[type], {
      path: ['label'],
      message: 'is longer than such a filesystem takes (ext4 16, xfs 12, vfat 11 letters)',
    });

  note({ device, type }: FormatInput): string {
    return `${device} ${type}`;
  }

  inputs({ device, type, label }: FormatInput) {
    return { device, type, label };
  }

  /** @throws LinuxError `DISK_NOT_EMPTY`, `DISK_UNREADABLE`; the disk is as it was. */
  protected async look(
    { device, type, label }: FormatInput,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const ask = { signal, sudo: true, allowFailure: true };
    const asked = await node.exec(['wipefs', '--noheadings', '--output', 'TYPE,LABEL', '--', device], ask);
    if (asked.exitCode !== 0)
      throw new LinuxError('DISK_UNREADABLE', `${node.place} does not tell what is on ${device}`, {
        hint: `Is it there? wipefs says: ${asked.stderr.trim().slice(0, 200)}`,
      });
    const found = asked.stdout.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
    const isOurs = found.every((line) => {
      const [is, name = ''] = line.split(/\s+/);
      return is === type && (label === undefined || name === label);
    });
    if (found.length > 0 && isOurs) return undefined;
    if (found.length > 0)
      throw new LinuxError(
        'DISK_NOT_EMPTY',
        `${device} on ${node.place} has something on it: ${found.join(', ')}`,
        {
          hint: `Nothing was changed. If it is to go, empty it yourself: wipefs --all ${device}`,
        },
      );
    return {
      make: async () => {
        const options = { signal, sudo: true, timeoutMs: THIRTY_MINUTES_MS };
        await node.exec(formatCommand(device, type, label), options);
      },
    };
  }
}

function formatCommand(
  device: string,
  type: FormatInput['type'],
  label: string | undefined,
): readonly string[] {
  switch (type) {
    case 'ext4':
      return ['mkfs.ext4', '-q', ...(label === undefined ? [] : ['-L', label]), device];
    case 'xfs':
      return ['mkfs.xfs', '-q', ...(label === undefined ? [] : ['-L', label]), device];
    case 'vfat':
      return ['mkfs.vfat', ...(label === undefined ? [] : ['-n', label]), device];
  }
}
