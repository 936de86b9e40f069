import { isUtf8 } from 'node:buffer';

/** A lone surrogate stands for a byte: U+DC80 for 0x80, to U+DCFF for 0xff. */
const ESCAPE_BASE = 0xdc00;
const ESCAPED = /[\udc80-\udcff]/gu; // with the flag u, one that belongs to a pair is none
const LONGEST_SEQUENCE = 4;

/**
 * The text of a name or link target of an image. Linux takes names for bytes: those that are no UTF-8 become lone surrogates,
 * as in Python's `surrogateescape`, so that {@link encodeName} gives the same bytes again.
 */
export function decodeName(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    text +=
      length === 0
        ? String.fromCharCode(ESCAPE_BASE + (bytes[at] ?? 0))
        : bytes.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

/** The bytes of a name or link target, as they are stored. */
export function encodeName(text: string): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { index, 0: sign } of text.matchAll(ESCAPED)) {
    parts.push(Buffer.from(text.slice(at, index)), Buffer.from([sign.charCodeAt(0) - ESCAPE_BASE]));
    at = index + 1;
  }
  if (at === 0) return Buffer.from(text);
  return Buffer.concat([...parts, Buffer.from(text.slice(at))]);
}

/** Whether all of a text can be stored: it has no surrogates but those that stand for bytes. */
export function isStorable(text: string): boolean {
  return !/\p{Surrogate}/u.test(text.replace(ESCAPED, ''));
}

function sequenceLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= LONGEST_SEQUENCE && at + length <= bytes.length; length++)
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  return 0;
}
