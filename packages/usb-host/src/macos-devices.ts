import { z } from 'zod';
import type { BlockDevice } from './block-device.js';

const listSchema = z.object({ WholeDisks: z.array(z.string().regex(/^disk\d+$/)) });
const partitionsSchema = z.object({
  AllDisksAndPartitions: z
    .array(
      z.object({
        DeviceIdentifier: z.string(),
        MountPoint: z.string().optional(),
        Partitions: z.array(z.object({ MountPoint: z.string().optional() })).default([]),
        APFSVolumes: z.array(z.object({ MountPoint: z.string().optional() })).default([]),
      }),
    )
    .default([]),
});
const infoSchema = z.object({
  Size: z.number().optional(),
  TotalSize: z.number().optional(),
  MediaName: z.string().default(''),
  IORegistryEntryName: z.string().default(''),
});

/** The external physical disks in `diskutil list -plist external physical`, converted to JSON, and where each is mounted. */
export function parseDiskutilList(
  json: string,
): readonly { readonly disk: string; readonly usedAt: readonly string[] }[] {
  const value: unknown = JSON.parse(json);
  const { AllDisksAndPartitions: all } = partitionsSchema.parse(value);
  return listSchema.parse(value).WholeDisks.map((disk) => {
    const entry = all.find(({ DeviceIdentifier: id }) => id === disk);
    const mounts = entry
      ? [entry.MountPoint, ...[...entry.Partitions, ...entry.APFSVolumes].map((p) => p.MountPoint)]
      : [];
    return { disk, usedAt: mounts.filter((mount) => mount !== undefined && mount !== '') as string[] };
  });
}

/** One disk from `diskutil info -plist`, converted to JSON. The raw device is uncached, so reading it back is honest. */
export function parseDiskutilInfo(json: string, disk: string, usedAt: readonly string[]): BlockDevice {
  const info = infoSchema.parse(JSON.parse(json));
  const name = info.MediaName === '' ? info.IORegistryEntryName : info.MediaName;
  const vendor = /^RPi-MSD-/.exec(name)?.[0] ?? '';
  return {
    path: `/dev/r${disk}`,
    sizeBytes: info.TotalSize ?? info.Size ?? 0,
    vendor,
    model: name.slice(vendor.length).trim(),
    serial: '',
    usbId: undefined, // diskutil does not tell it: the vendor's name decides
    usedAt,
  };
}
