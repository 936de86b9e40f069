/** Something in an archive. */
export interface CpioEntry {
  /** Without a slash at the begin. */
  readonly path: string;
  /** What it is: bytes of a file, the target of a link, or a directory. */
  readonly content: Buffer | { readonly link: string } | 'directory';
  /** Permission bits. Default 0644, 0755 for a directory. */
  readonly mode?: number;
}

const FILE = 0o100000;
const LINK = 0o120000;
const DIRECTORY = 0o040000;
const UNIT = 4;
/** The kernel looks for another archive at multiples of this, after zeros. */
const END_UNIT = 512;

/**
 * Renders an archive as the kernel unpacks it into its first root (format `newc`, Documentation/driver-api/early-userspace
 * of Linux). Everything is root's and has no time, so that equal contents give equal bytes.
 */
export function renderCpio(entries: readonly CpioEntry[]): Buffer {
  const parts: Buffer[] = [];
  for (const [index, entry] of entries.entries()) parts.push(...member(entry, index + 1));
  parts.push(...record('TRAILER!!!', 0, 0, Buffer.alloc(0), 1));
  const whole = Buffer.concat(parts);
  return Buffer.concat([whole, Buffer.alloc(padding(whole.length, END_UNIT))]);
}

function member({ path, content, mode }: CpioEntry, inode: number): Buffer[] {
  if (content === 'directory') return record(path, inode, DIRECTORY | (mode ?? 0o755), Buffer.alloc(0), 2);
  if (Buffer.isBuffer(content)) return record(path, inode, FILE | (mode ?? 0o644), content, 1);
  return record(path, inode, LINK | 0o777, Buffer.from(content.link), 1);
}

function record(path: string, inode: number, mode: number, content: Buffer, links: number): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  const numbers = [inode, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(
    `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`,
    'latin1',
  );
  const begin = header.length + name.length;
  return [
    header,
    name,
    Buffer.alloc(padding(begin, UNIT)),
    content,
    Buffer.alloc(padding(content.length, UNIT)),
  ];
}

function padding(length: number, unit: number): number {
  return (unit - (length % unit)) % unit;
}
