import { jsonReply, ok } from '../http/reply.js';
import { RequestError } from '../http/request-error.js';
import type { ApiType } from './api-context.js';

/** `type=uart` (docs/reference/bmc-protocol.md, "Serial console"). */
export const uart: ApiType = {
  get: ({ hardware, profile }, query) => {
    const slot = hardware.slot(query.node());
    const decode = DECODERS[query.get('encoding') ?? 'utf8'];
    if (!decode) {
      throw new RequestError(
        400,
        'Invalid `encoding` parameter. Expected: utf8, utf16, utf16le, utf16be, utf32, utf32le, utf32be.',
      );
    }
    return jsonReply({ response: [{ uart: decode(slot.uart.read(profile.uartDrains)) }] });
  },
  set: ({ hardware }, query) => {
    const slot = hardware.slot(query.node());
    const command = query.get('cmd');
    if (command === undefined) throw new RequestError(400, 'Missing `cmd` parameter');
    slot.sendConsole(`${command}\r\n`);
    return ok();
  },
};

const utf8 = (bytes: Buffer): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
const utf16le = (bytes: Buffer): string => new TextDecoder('utf-16le', { ignoreBOM: true }).decode(bytes);
const utf32 =
  (read: (bytes: Buffer, at: number) => number) =>
  (bytes: Buffer): string => {
    let text = '';
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const point = read(bytes, at);
      const valid = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
      text += valid ? String.fromCodePoint(point) : '\ufffd';
    }
    return text;
  };
const utf32le = utf32((bytes, at) => bytes.readUInt32LE(at));

const DECODERS: Readonly<Record<string, (bytes: Buffer) => string>> = {
  utf8,
  utf16: utf16le,
  utf16le,
  utf16be: (bytes) => utf16le(Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16()),
  utf32: utf32le,
  utf32le,
  utf32be: utf32((bytes, at) => bytes.readUInt32BE(at)),
};
