/** A whole disk of this computer. */
export interface BlockDevice {
  /** What is opened for writing, for example `/dev/sdb` or `/dev/rdisk4`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** SCSI vendor and model, trimmed; empty when not told. */
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  /** USB vendor and product, four hex digits each with a colon; undefined when it is not on USB or not told. */
  readonly usbId: string | undefined;
  /** Where it, or a partition of it, is mounted or otherwise in use. */
  readonly usedAt: readonly string[];
}

/** One disk in words. */
export function describeDevice({ path, sizeBytes, vendor, model, usbId }: BlockDevice): string {
  const name = [vendor, model].filter((text) => text !== '').join(' ');
  return `${path} (${name === '' ? 'unnamed' : name}, ${(sizeBytes / 1e9).toFixed(1)} GB${usbId === undefined ? '' : `, USB ${usbId}`})`;
}
