import { ImageError } from '../image-error.js';
import { decodeOemText } from './oem-text.js';

const ILLEGAL = /["*/:<>?\\|\p{Cc}]/u;
const SHORT_LEGAL = /^[A-Z0-9!#$%&'()@^_`{}~-]+$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const MAX_UNITS = 255;
const UNITS_PER_ENTRY = 13;
const UNIT_OFFSETS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30] as const;
const LONG_NAME_ATTRIBUTE = 0x0f;

/**
 * Refuses a name that FAT cannot hold.
 *
 * @throws ImageError `IMAGE_PATH_INVALID` for characters that FAT forbids or a final dot or space;
 * `IMAGE_NAME_TOO_LONG` above 255 UTF-16 units.
 */
export function assertFatName(name: string, path: string): void {
  const illegal = ILLEGAL.exec(name)?.[0];
  const fail = (why: string) =>
    new ImageError('IMAGE_PATH_INVALID', `${JSON.stringify(path)}: ${why}.`, { details: { path } });
  if (illegal !== undefined) throw fail(`FAT does not allow ${JSON.stringify(illegal)} in a name`);
  if (/[. ]$/.test(name)) throw fail('FAT does not allow a name to end with a dot or a space');
  if (name === '' || LONE_SURROGATE.test(name)) throw fail('this is not a name');
  if (name.length > MAX_UNITS)
    throw new ImageError(
      'IMAGE_NAME_TOO_LONG',
      `A name in ${JSON.stringify(path)} has over 255 characters.`,
      {
        details: { path },
      },
    );
}

/** The form by which names are compared: FAT does not tell upper from lower case. */
export function foldName(name: string): string {
  return Array.from(name, (letter) => {
    const upper = letter.toUpperCase();
    return upper.length === letter.length ? upper : letter;
  }).join('');
}

/** The eleven bytes of a name that needs no long form; undefined when it does. */
export function exactShortName(name: string): Buffer | undefined {
  const [base = '', extension = '', ...rest] = name.split('.');
  if (rest.length > 0 || base.length > 8 || extension.length > 3) return undefined;
  if (!SHORT_LEGAL.test(base) || (name.includes('.') && !SHORT_LEGAL.test(extension))) return undefined;
  return Buffer.from(base.padEnd(8) + extension.padEnd(3), 'latin1');
}

/** Makes up the short form of a long name, different from those that are taken (eleven bytes as latin1). */
export function inventShortName(name: string, taken: ReadonlySet<string>): Buffer {
  const clean = (text: string) =>
    Array.from(text.toUpperCase(), (letter) => (SHORT_LEGAL.test(letter) ? letter : '_')).join('');
  const trimmed = name.replaceAll(' ', '').replace(/^\.+/, '');
  const dot = trimmed.lastIndexOf('.');
  const base = clean((dot > 0 ? trimmed.slice(0, dot) : trimmed).replaceAll('.', '')) || '_';
  const extension = clean(dot > 0 ? trimmed.slice(dot + 1) : '').slice(0, 3);
  for (let number = 1; ; number++) {
    const tail = `~${number}`;
    const short = (base.slice(0, 8 - tail.length) + tail).padEnd(8) + extension.padEnd(3);
    if (!taken.has(short)) return Buffer.from(short, 'latin1');
  }
}

/** The sum that ties the parts of a long name to their short entry. */
export function shortNameChecksum(short: Buffer): number {
  return short.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}

/** The directory entries that hold a long name, in the order in which they lie before the short one. */
export function encodeLongName(name: string, short: Buffer): Buffer[] {
  const checksum = shortNameChecksum(short);
  const count = Math.ceil(name.length / UNITS_PER_ENTRY);
  return Array.from({ length: count }, (_, index) => {
    const number = count - index;
    const entry = Buffer.alloc(32);
    entry[0] = number | (index === 0 ? 0x40 : 0);
    entry[11] = LONG_NAME_ATTRIBUTE;
    entry[13] = checksum;
    for (const [i, offset] of UNIT_OFFSETS.entries()) {
      const at = (number - 1) * UNITS_PER_ENTRY + i;
      entry.writeUInt16LE(at < name.length ? name.charCodeAt(at) : at === name.length ? 0 : 0xffff, offset);
    }
    return entry;
  });
}

/** The text of one part of a long name, up to its end. */
export function decodeLongNamePart(entry: Buffer): string {
  const units = UNIT_OFFSETS.map((offset) => entry.readUInt16LE(offset));
  const end = units.indexOf(0);
  return String.fromCharCode(...(end === -1 ? units : units.slice(0, end)));
}

/** A short name as people read it; `caseFlags` is how Windows NT and mtools say that it is in lower case. */
export function decodeShortName(short: Buffer, caseFlags: number): string {
  const raw = Buffer.from(short);
  if (raw[0] === 0x05) raw[0] = 0xe5; // which itself would mean a removed entry
  const base = decodeOemText(raw.subarray(0, 8));
  const extension = decodeOemText(raw.subarray(8, 11));
  const cased = (part: string, flag: number) => ((caseFlags & flag) !== 0 ? part.toLowerCase() : part);
  return cased(base, 0x08) + (extension === '' ? '' : `.${cased(extension, 0x10)}`);
}

/** Whether a name read from a directory can stand in a path. */
export function isUsableName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && !LONE_SURROGATE.test(name);
}
