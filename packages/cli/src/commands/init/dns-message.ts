/** Types of records, RFC 1035 §3.2.2. */
export const ADDRESS = 1;
export const POINTER = 12;

const HEADER = 12;
const INTERNET = 1;
const RESPONSE = 0x8000;
const MOST_LABELS = 32;

/** The address that a message gives a name. */
export interface AddressRecord {
  readonly name: string;
  /** IPv4. */
  readonly address: string;
}

/**
 * A message that asks for records (RFC 1035 §4.1), and nothing else that DNS can.
 *
 * @remarks A library for all of it would take the command over its size; in tests one is the other side.
 * @param questions - names of ASCII and types of records
 */
export function renderQuestions(questions: readonly (readonly [name: string, type: number])[]): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(questions.length, 4);
  return Buffer.concat([
    header,
    ...questions.flatMap(([name, type]) => {
      const labels = name
        .split('.')
        .map((label) => Buffer.from(`\0${label}`, 'latin1').fill(label.length, 0, 1));
      return [...labels, Buffer.from([0, 0, type, 0, INTERNET])];
    }),
  ]);
}

/** The IPv4 addresses in an answer, in whatever part of it; nothing of a message that cannot be understood. */
export function parseAddresses(message: Buffer): readonly AddressRecord[] {
  try {
    return addressesOf(message);
  } catch (error) {
    if (error instanceof RangeError) return []; // it ends too early, or points out of itself
    throw error;
  }
}

function addressesOf(message: Buffer): readonly AddressRecord[] {
  if ((message.readUInt16BE(2) & RESPONSE) === 0) return [];
  const [questions = 0, ...records] = [4, 6, 8, 10].map((at) => message.readUInt16BE(at));
  let at = HEADER;
  for (let index = 0; index < questions; index++) at = readName(message, at).end + 4;
  const found: AddressRecord[] = [];
  for (let left = records.reduce((sum, count) => sum + count, 0); left > 0; left--) {
    const { name, end } = readName(message, at);
    const [type, length] = [message.readUInt16BE(end), message.readUInt16BE(end + 8)];
    at = end + 10 + length;
    if (at > message.length) throw new RangeError('a record ends behind its message');
    if (type === ADDRESS && length === 4)
      found.push({ name, address: message.subarray(at - 4, at).join('.') });
  }
  return found;
}

/** A name may go on where it, or another one, was written before: only before, so that it ends. */
function readName(message: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let end: number | undefined;
  for (let at = start; labels.length < MOST_LABELS;) {
    const length = message.readUInt8(at);
    if (length === 0) return { name: labels.join('.'), end: end ?? at + 1 };
    if (length >= 0xc0) {
      const to = message.readUInt16BE(at) & 0x3fff;
      if (to >= at) throw new RangeError('a name goes on behind itself');
      end ??= at + 2;
      at = to;
      continue;
    }
    if (at + 1 + length > message.length) throw new RangeError('a name ends behind its message');
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  throw new RangeError('a name of too many parts');
}
