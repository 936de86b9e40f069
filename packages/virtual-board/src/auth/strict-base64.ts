const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Text that is not padded standard base64; the message is the one the daemon shows. */
export class Base64Error extends Error {}

/** Decodes padded standard base64 and nothing else, unlike `Buffer.from`. @throws Base64Error */
export function decodeBase64(text: string): Buffer {
  const padding = /={0,2}$/.exec(text)?.[0].length ?? 0;
  const symbols = text.length - padding;
  for (let at = 0; at < symbols; at += 1) {
    if (!ALPHABET.includes(text.charAt(at)))
      throw new Base64Error(`Invalid symbol ${text.charCodeAt(at)}, offset ${at}.`);
  }
  if (symbols % 4 === 1) throw new Base64Error(`Invalid input length: ${symbols}`);
  if (text.length % 4 !== 0) throw new Base64Error('Invalid padding');
  const spareBits = { 2: 0x0f, 3: 0x03 }[symbols % 4];
  const last = ALPHABET.indexOf(text.charAt(symbols - 1));
  if (spareBits !== undefined && (last & spareBits) !== 0)
    throw new Base64Error(`Invalid last symbol ${text.charCodeAt(symbols - 1)}, offset ${symbols - 1}.`);
  return Buffer.from(text, 'base64');
}
