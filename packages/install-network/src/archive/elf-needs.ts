/** What a program needs to be started. */
export interface ElfNeeds {
  /** Number of the processor's kind, as `e_machine` has it: 183 for arm64, 62 for x86-64. */
  readonly machine: number;
  /** Path of the dynamic loader; undefined for a static program or a library. */
  readonly loader: string | undefined;
  /** Names of the libraries that it is linked with. */
  readonly libraries: readonly string[];
  /** Directories that it names itself for them. */
  readonly searched: readonly string[];
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;
const DT_RUNPATH = 29;
const PROGRAM_HEADER_BYTES = 56;
const MAX_HEADERS = 256;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly length: number;
}

/**
 * Reads what a 64-bit little-endian ELF file needs (System V ABI, chapters 4 and 5).
 *
 * @returns Undefined for what is none, or is damaged.
 */
export function elfNeeds(file: Buffer): ElfNeeds | undefined {
  const isElf = file.length >= 64 && file.toString('latin1', 0, 6) === '\x7fELF\x02\x01';
  if (!isElf) return undefined;
  try {
    const segments = segmentsOf(file);
    const interp = segments.find(({ type }) => type === PT_INTERP);
    const { libraries, searched } = linkedWith(file, segments);
    return {
      machine: file.readUInt16LE(18),
      loader: interp && textAt(file, interp.offset),
      libraries,
      searched,
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined; // it points outside of itself
    throw error;
  }
}

function segmentsOf(file: Buffer): Segment[] {
  const start = Number(file.readBigUInt64LE(32));
  const count = Math.min(file.readUInt16LE(56), MAX_HEADERS);
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * PROGRAM_HEADER_BYTES;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      length: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

function linkedWith(file: Buffer, segments: readonly Segment[]): Pick<ElfNeeds, 'libraries' | 'searched'> {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) return { libraries: [], searched: [] };
  const entries: [number, number][] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.length; at += 16)
    entries.push([Number(file.readBigUInt64LE(at)), Number(file.readBigUInt64LE(at + 8))]);
  const table = entries.find(([tag]) => tag === DT_STRTAB)?.[1];
  const holder = segments.find(
    ({ type, address, length }) =>
      type === PT_LOAD && table !== undefined && table >= address && table < address + length,
  );
  if (table === undefined || holder === undefined) return { libraries: [], searched: [] };
  const texts = table - holder.address + holder.offset;
  const named = (...tags: readonly number[]): string[] =>
    entries.filter(([tag]) => tags.includes(tag)).map(([, offset]) => textAt(file, texts + offset));
  return {
    libraries: named(DT_NEEDED),
    searched: named(DT_RPATH, DT_RUNPATH).flatMap((paths) => paths.split(':')),
  };
}

function textAt(file: Buffer, offset: number): string {
  const end = file.indexOf(0, offset);
  if (offset >= file.length || end < 0) throw new RangeError('a text is outside of the file');
  return file.toString('utf8', offset, end);
}
