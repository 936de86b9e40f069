/** One partition of a disk image. Offsets and sizes in bytes. */
export interface Partition {
  /** Counted from one, as Linux does (MBR logical partitions start at 5); 1 for a whole-disk filesystem. */
  readonly number: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** GPT: type GUID in upper case; MBR: type byte as `0x0c`; empty for a whole-disk filesystem. */
  readonly type: string;
  /** GPT: partition GUID in lower case; MBR: `<disk id>-<number>`, as in PARTUUID. */
  readonly uuid: string | undefined;
  /** GPT partition name. Not the filesystem's label. */
  readonly name: string | undefined;
}

/** How an image is divided. */
export interface PartitionTable {
  readonly scheme: 'gpt' | 'mbr' | 'none';
  /** GPT disk GUID, or MBR disk identifier as eight hex digits. */
  readonly diskId: string | undefined;
  readonly sectorSizeBytes: number;
  readonly partitions: readonly Partition[];
  /** What is wrong with the table but does not stop its use, for example a bad backup header; one sentence each. */
  readonly notes?: readonly string[];
}
