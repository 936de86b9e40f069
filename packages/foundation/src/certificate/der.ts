/** Encodes one DER element: tag, definite length, content. */
export function derElement(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const significant = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([tag, 0x80 | significant.length]), significant, content]);
}

export const derSequence = (...contents: readonly Buffer[]): Buffer => derElement(0x30, ...contents);
export const derSet = (...contents: readonly Buffer[]): Buffer => derElement(0x31, ...contents);
export const derNull = (): Buffer => derElement(0x05);
export const derBoolean = (value: boolean): Buffer => derElement(0x01, Buffer.from([value ? 0xff : 0]));
export const derUtf8 = (text: string): Buffer => derElement(0x0c, Buffer.from(text, 'utf8'));
export const derOctets = (bytes: Buffer): Buffer => derElement(0x04, bytes);
/** A bit string whose length is a whole number of bytes. */
export const derBits = (bytes: Buffer): Buffer => derElement(0x03, Buffer.from([0]), bytes);

/** A non-negative integer given as big-endian bytes. */
export function derInteger(bytes: Buffer): Buffer {
  const first = bytes[0] ?? 0;
  return derElement(0x02, first >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** An object identifier in dotted form, for example `2.5.4.3`. */
export function derObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const septets = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) septets.unshift((left & 0x7f) | 0x80);
    bytes.push(...septets);
  }
  return derElement(0x06, Buffer.from(bytes));
}

/** A date as UTCTime (years 1950 to 2049). */
export function derUtcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return derElement(0x17, Buffer.from(`${digits}Z`, 'ascii'));
}
