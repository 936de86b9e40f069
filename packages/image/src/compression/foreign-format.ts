import { ImageError } from '../image-error.js';
import { recogniseContainer } from './image-container.js';

/** A kind of file that is recognised only to be refused by name. */
export interface ForeignFormat {
  /** With its article, for example `a tar archive`. */
  readonly name: string;
  /** What makes an image of it; undefined where nothing does. */
  readonly advice?: string;
  /** An image may well be inside: it is packed in a way that is not decoded here. */
  readonly packing?: true;
}

type Magic = readonly [offset: number, bytes: string | readonly number[], format: ForeignFormat];

const UNPACK = 'Unpack it, and give the .img file that is inside.';
const CONVERT = 'Make a raw image of it: `qemu-img convert -O raw FILE disk.img`.';
const packed = (name: string, advice: string): ForeignFormat => ({ name, advice, packing: true });
const archive = (name: string): ForeignFormat => ({ name, advice: UNPACK });

/** Where the formats' own documents (and file(1)) say that their magic is. */
const MAGICS: readonly Magic[] = [
  [0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], archive('a 7-Zip archive')],
  [0, 'Rar!\x1a\x07', archive('a RAR archive')],
  [0, 'PK\x05\x06', archive('an empty .zip archive')],
  [0, 'PK\x07\x08', archive('a .zip archive in several parts')],
  [0, 'MSCF', archive('a cabinet archive')],
  [0, '!<arch>\n', archive('an ar archive or a Debian package')],
  [0, '070701', archive('a cpio archive')],
  [0, '070702', archive('a cpio archive')],
  [0, '070707', archive('a cpio archive')],
  [0, [0xed, 0xab, 0xee, 0xdb], archive('an RPM package')],
  [0, 'MSWIM\0\0\0', archive('a Windows image (WIM)')],
  [0, [0x04, 0x22, 0x4d, 0x18], packed('packed by lz4', 'Unpack it: `lz4 -d FILE disk.img`.')],
  [0, [0x02, 0x21, 0x4c, 0x18], packed('packed by lz4', 'Unpack it: `lz4 -d FILE disk.img`.')],
  [0, 'LZIP', packed('packed by lzip', 'Unpack it: `lzip -d FILE`.')],
  [0, [0x89, 0x4c, 0x5a, 0x4f, 0x00], packed('packed by lzop', 'Unpack it: `lzop -d FILE`.')],
  [0, [0x5d, 0x00, 0x00], packed('an .lzma file of the old kind', 'Unpack it: `xz -d --format=lzma FILE`.')],
  [0, [0x1f, 0x9d], packed('packed by compress', 'Unpack it: `gzip -d FILE`.')],
  [0, [0x1f, 0xa0], packed('packed by compress', 'Unpack it: `gzip -d FILE`.')],
  [0, [0x3a, 0xff, 0x26, 0xed], packed('an Android sparse image', 'Unpack it: `simg2img FILE disk.img`.')],
  [0, 'QFI\xfb', packed('a disk of QEMU (qcow2)', CONVERT)],
  [0, 'KDMV', packed('a disk of VMware (VMDK)', CONVERT)],
  [0, '# Disk DescriptorFile', packed('the description of a disk of VMware', CONVERT)],
  [0, 'vhdxfile', packed('a disk of Hyper-V (VHDX)', CONVERT)],
  [0, 'conectix', packed('a disk of Hyper-V (VHD)', CONVERT)],
  [0x40, [0x7f, 0x10, 0xda, 0xbe], packed('a disk of VirtualBox (VDI)', CONVERT)],
  [
    0,
    'RKFW',
    { name: 'an update image for tools of Rockchip', advice: 'Give the raw .img for SD card or eMMC.' },
  ],
  [
    0,
    'RKAF',
    { name: 'an update image for tools of Rockchip', advice: 'Give the raw .img for SD card or eMMC.' },
  ],

  [257, 'ustar', archive('a tar archive')],
  [0, '\x7fELF', { name: 'a program' }],
  [0, 'MZ', { name: 'a program for Windows or EFI' }],
  [0, '%PDF', { name: 'a PDF document' }],
  [
    0,
    'version https://git-lfs',
    { name: 'a pointer of Git LFS', advice: 'Fetch the file itself: `git lfs pull`.' },
  ],
  [
    0,
    '-----BEGIN',
    { name: 'a key, certificate or signature', advice: 'Give the image that it belongs to.' },
  ],
  [
    0x8001,
    'CD001',
    { name: 'a CD or DVD image (ISO 9660)', advice: 'An installer cannot be flashed: give a disk image.' },
  ],
];

/** How much of a file's beginning {@link recogniseForeign} looks at, in bytes. */
export const FOREIGN_LOOK_BYTES = 0x8006;

/** Recognises what is no disk image by its beginning; a partition table or filesystem is looked for before. */
export function recogniseForeign(head: Buffer): ForeignFormat | undefined {
  const container = recogniseContainer(head);
  if (container !== 'raw') return packed(`packed twice: another .${container} file is inside`, UNPACK);
  const found = MAGICS.find(([offset, bytes]) => {
    const magic = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);
    return head.subarray(offset, offset + magic.length).equals(magic);
  });
  if (found) return found[2];
  if (hasTarChecksum(head)) return archive('a tar archive');
  return recogniseText(head);
}

/**
 * The error of a file that is no disk image, naming what it is.
 *
 * @param what - What is looked at, for example a path.
 */
export function notAnImage(what: string, head: Buffer): ImageError {
  const foreign = recogniseForeign(head);
  if (foreign === undefined)
    return new ImageError(
      'IMAGE_NOT_AN_IMAGE',
      `${what} is not a disk image: it has neither a partition table nor a known filesystem`,
    );
  const { name, advice, packing } = foreign;
  return new ImageError(
    packing === true ? 'IMAGE_UNSUPPORTED_COMPRESSION' : 'IMAGE_NOT_AN_IMAGE',
    packing === true ? `${what} is ${name}` : `${what} is not a disk image but ${name}`,
    advice === undefined ? {} : { hint: advice },
  );
}

/** Tar of before POSIX has no magic; a sum of its header's bytes, in octal, tells it. */
function hasTarChecksum(head: Buffer): boolean {
  if (head.length < 512 || head[0] === 0) return false;
  const stated = /^ *([0-7]{1,7})[\0 ]/u.exec(head.toString('latin1', 148, 156))?.[1];
  if (stated === undefined) return false;
  const sum = head.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  const field = head.subarray(148, 156).reduce((total, byte) => total + byte, 0);
  return sum - field + 8 * 0x20 === Number.parseInt(stated, 8);
}

function recogniseText(head: Buffer): ForeignFormat | undefined {
  const start = head.subarray(0, 512);
  if (start.length === 0 || !start.every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13))
    return undefined;
  const text = start
    .toString('utf8')
    .replace(/^\ufeff/u, '')
    .trimStart();
  if (text.startsWith('{') || text.startsWith('[')) return { name: 'a JSON document' };
  if (/^<(?:!doctype html|html|head|body)/iu.test(text))
    return {
      name: 'a web page',
      advice: 'Open its address in a browser, and copy that of the download itself.',
    };
  if (text.startsWith('<')) return { name: 'an XML document' };
  if (text.startsWith('#!')) return { name: 'a script' };
  return { name: 'a text file' };
}
