import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Reply } from '../http/reply.js';

const BLOCK = 512;

/** `GET /api/bmc/backup`: a tar.gz of the writable overlay (docs/reference/bmc-protocol.md, "Control of the BMC"). */
export function backupReply(files: ReadonlyMap<string, string>, now = new Date()): Reply {
  const date = [now.getUTCDate(), now.getUTCMonth() + 1, now.getUTCFullYear()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
  const members = [...files].map(([name, text]) => tarMember(name, Buffer.from(text, 'utf8')));
  return {
    status: 200,
    headers: {
      'content-type': 'application/gzip',
      'content-disposition': `attachment; filename="tp2-backup-${date}.tar.gz"`,
    },
    body: Readable.from([...members, Buffer.alloc(2 * BLOCK)]).pipe(createGzip()),
  };
}

function tarMember(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, '0');
  header.write(name, 0, 100, 'utf8');
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(0, 12), 136);
  header.write('        ', 148); // the checksum counts itself as spaces
  header.write('0', 156);
  header.write('ustar\0' + '00', 257, 'latin1');
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
  );
  header.writeUInt8(0, 154);
  return Buffer.concat([header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}
