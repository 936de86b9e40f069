import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { BlockDevice } from './block-device.js';

/** Arguments that make `lsblk` tell what {@link parseLsblk} reads. */
export const LSBLK_ARGUMENTS = [
  '--json',
  '--bytes',
  '--output',
  'NAME,PATH,TYPE,SIZE,VENDOR,MODEL,SERIAL,MOUNTPOINTS',
] as const;

const text = z
  .string()
  .nullish()
  .transform((value) => (value ?? '').trim());

interface Entry {
  name: string;
  path: string;
  type: string;
  size: number;
  vendor: string;
  model: string;
  serial: string;
  mountpoints: (string | null)[];
  children: Entry[];
}

const entrySchema: z.ZodType<Entry> = z.lazy(() =>
  z.object({
    name: z.string(),
    path: z.string(),
    type: z.string(),
    size: z.coerce.number(),
    vendor: text,
    model: text,
    serial: text,
    mountpoints: z.array(z.string().nullable()).default([]),
    children: z.array(entrySchema).default([]),
  }),
);
const lsblkSchema = z.object({ blockdevices: z.array(entrySchema) });

/** Disks from the output of `lsblk`, without their USB identity. What stacks on a partition counts as use of the disk. */
export function parseLsblk(
  output: string,
): readonly (Omit<BlockDevice, 'usbId'> & { readonly name: string })[] {
  const { blockdevices } = lsblkSchema.parse(JSON.parse(output));
  return blockdevices
    .filter(({ type }) => type === 'disk' || type === 'loop')
    .map((entry) => ({
      name: entry.name,
      path: entry.path,
      sizeBytes: entry.size,
      vendor: entry.vendor,
      model: entry.model,
      serial: entry.serial,
      usedAt: usesOf(entry),
    }));
}

/** The USB identity of a disk, from the nearest USB device above it in sysfs. */
export async function usbIdOf(name: string, sysfs = '/sys/class/block'): Promise<string | undefined> {
  let at: string;
  try {
    at = await realpath(path.join(sysfs, name));
  } catch {
    return undefined;
  }
  for (; at !== path.dirname(at); at = path.dirname(at)) {
    const [vendor, product] = await Promise.all(
      ['idVendor', 'idProduct'].map((file) => readFile(path.join(at, file), 'utf8').catch(() => undefined)),
    );
    if (vendor !== undefined && product !== undefined)
      return `${vendor.trim()}:${product.trim()}`.toLowerCase();
  }
  return undefined;
}

function usesOf(entry: Entry): readonly string[] {
  const mounts = entry.mountpoints.filter((mount) => mount !== null && mount !== '') as string[];
  const stacked = entry.type !== 'disk' && entry.type !== 'part' && entry.type !== 'loop' ? [entry.path] : [];
  return [...mounts, ...stacked, ...entry.children.flatMap(usesOf)];
}
