import type { InstallationRequest, RecordedDisk } from '@turingpi/provisioning';
import { type ModuleHardware, moduleHardware } from '../base/module-hardware.js';
import { NetworkInstallError } from '../network-install-error.js';
import type { DiskApproval } from '../server/admission.js';

/** Where a system goes: the eMMC, or an NVMe that is empty, or has this serial number. */
export interface InstallTarget {
  readonly disk: 'emmc' | 'nvme';
  /** Of the NVMe that is meant, whatever is on it. */
  readonly serial?: string;
}

/** Reads a target: `emmc`, `nvme`, `nvme:SERIAL`. @returns Undefined for another one. */
export function parseTarget(target = 'emmc'): InstallTarget | undefined {
  if (target === 'emmc') return { disk: 'emmc' };
  const match = /^nvme(?::([\x21-\x7e]{1,64}))?$/.exec(target);
  if (match === null) return undefined;
  const [, serial] = match;
  return { disk: 'nvme', ...(serial !== undefined && { serial }) };
}

/**
 * The disks that are erased for a target, as approvals name them: the installer always goes to the eMMC.
 *
 * @param board - type of module
 * @returns Undefined when the module has no such disk, or its boot loader starts nothing from it.
 */
export function disksForTarget(target: string, board: string): readonly string[] | undefined {
  const parsed = parseTarget(target);
  if (parsed?.disk === 'emmc') return ['emmc'];
  const module: ModuleHardware | undefined = moduleHardware(board);
  return parsed !== undefined && module?.emmcBootTarget !== undefined ? ['emmc', target] : undefined;
}

/**
 * What of a target is not known before the installer looks, and what it does then; a line each.
 *
 * @param seen - what the last one of the node saw
 */
export function unforeseenOf(target: string | undefined, seen?: RecordedDisk): readonly string[] {
  const { disk, serial } = parseTarget(target) ?? { disk: 'emmc' };
  if (disk === 'emmc') return [];
  return [
    serial === undefined
      ? 'serial number and partitions of the NVMe: one that is not empty is refused, and named'
      : `partitions of the NVMe ${serial}, which go: another NVMe in its place is refused, and named`,
    ...(seen ? [describeSeen(seen)] : []),
  ];
}

function describeSeen({ at, serial, sizeBytes, partitions, isWritten }: RecordedDisk): string {
  const which = `${serial}, ${(sizeBytes / 1e9).toFixed(1)} GB`;
  const when = `${at.slice(0, 10)} at ${at.slice(11, 16)} UTC`;
  if (isWritten) return `whether the NVMe is still ${which}, which was written on ${when}`;
  const holds = partitions === '' ? 'without partitions' : `with ${partitions}`;
  return `whether the NVMe is still as an installer saw it on ${when}: ${which}, ${holds}`;
}

/**
 * Approves the disk that a node is about to write: an NVMe must be the one that was named, or empty. One that was approved
 * stays so, as the next attempt finds it half written.
 *
 * @param onRefusal - told of the error that the installation is to end with
 */
export function approveDisk(
  { node, permit, target, sawDisk }: Pick<InstallationRequest, 'node' | 'permit' | 'target' | 'sawDisk'>,
  onRefusal: (error: NetworkInstallError) => void,
): DiskApproval {
  const wanted = parseTarget(target) ?? { disk: 'emmc' };
  let approved: string | undefined;
  return async ({ sizeBytes, nvme }) => {
    if (wanted.disk === 'emmc') return nvme && 'the eMMC was asked for';
    if (nvme === undefined) return 'an NVMe was asked for';
    const { serial, isEmpty, partitions } = nvme;
    if (serial !== approved) {
      const isNamed = wanted.serial === serial;
      if (!isNamed && (wanted.serial !== undefined || !isEmpty)) {
        const holds = isEmpty ? 'it is empty' : `it is not empty${partitions && `, and has ${partitions}`}`;
        const why =
          wanted.serial === undefined
            ? `the NVMe ${serial} of node ${node.id} needs its own approval: ${holds}`
            : `node ${node.id} has the NVMe ${serial}, and ${wanted.serial} was asked for: ${holds}`;
        const hint = `It was not touched; the eMMC has the installer by now. To erase it, say which one is meant: \`install.target: nvme:${serial}\`.`;
        const details = { node: node.id, serial, isEmpty, partitions };
        await sawDisk?.({ serial, sizeBytes, partitions, isWritten: false });
        onRefusal(new NetworkInstallError('INSTALLER_DISK_NOT_APPROVED', why, { hint, details }));
        return why;
      }
      await permit?.begin({ node: node.id, disk: target ?? 'nvme' });
      await sawDisk?.({ serial, sizeBytes, partitions, isWritten: true });
      approved = serial;
    }
    return undefined;
  };
}
