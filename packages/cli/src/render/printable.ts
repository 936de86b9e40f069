/** A byte of a name that is no UTF-8, as the image package gives it. */
const BYTE = /[\udc80-\udcff]/gu;
const byteOf = (sign: string): string => `\\x${(sign.charCodeAt(0) - 0xdc00).toString(16)}`;

/** A text from outside, such as a file name in an image, without signs that steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(BYTE, byteOf).replaceAll(
    // C0, DEL and C1 controls, line and paragraph separators, and the marks that turn the direction of writing
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same for a text of several lines, such as a message with the output of a command. */
export function printableLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => printable(line.replaceAll('\t', '  ')))
    .join('\n');
}
