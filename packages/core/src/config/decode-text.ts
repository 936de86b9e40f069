const BYTE_ORDER_MARK = '\uFEFF';

/**
 * The text in a file that people have written, without its byte order mark: UTF-8, or UTF-16 as Windows' tools mark it.
 *
 * @returns Undefined for what is neither: half-read text would go on as something else than what was meant.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A text that may have come from such a file by another way (a shell, an editor's clipboard), without its mark. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
}
