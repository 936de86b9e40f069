import type { ImageErrorCode } from './image-error-code.js';

const LOGIN_IN_URL = 'Check the URL in a browser; a login goes into it, as https://user:password@host/….';
const DOWNLOAD_AGAIN = 'Download the image again and compare its checksum.';
const LOOK_AROUND = '`turingpi image ls` shows what is where.';
const CHECK_SOURCE = 'Check the path and its permissions; relative paths start from the working directory.';

/** What to do about an error of each code, where the place that throws it knows nothing better. */
export const IMAGE_HINTS: Readonly<Record<ImageErrorCode, string>> = {
  IMAGE_NOT_FOUND: 'Check the path; it starts from the working directory.',
  IMAGE_UNREADABLE: 'Check that the file is still there, and that you may read it.',
  IMAGE_NOT_AN_IMAGE:
    'Give the .img or .img.xz file of an operating system for the node, not an archive or an installer.',
  IMAGE_CORRUPT: DOWNLOAD_AGAIN,
  IMAGE_UNSUPPORTED_COMPRESSION: 'Unpack it, or compress it again with `xz -6 -T0`.',
  IMAGE_TOO_LARGE: 'Check which file this is. A large file inside an image is read as a stream.',
  IMAGE_CHECKSUM: DOWNLOAD_AGAIN,
  IMAGE_DOWNLOAD_URL: 'Give { url, sha256 } or { url, sha256Url }, with an address of http or https.',
  IMAGE_DOWNLOAD_UNREACHABLE: 'Check the address and the network. Behind a proxy set HTTPS_PROXY.',
  IMAGE_DOWNLOAD_UNTRUSTED:
    'Check the address and the clock of this computer. A private authority is given with NODE_EXTRA_CA_CERTS.',
  IMAGE_DOWNLOAD_REFUSED: LOGIN_IN_URL,
  IMAGE_DOWNLOAD_REDIRECT: 'Give the address where the download really is.',
  IMAGE_DOWNLOAD_NOT_AN_IMAGE: 'Open it in a browser and copy the address of the download itself.',
  IMAGE_DOWNLOAD_TRUNCATED: 'Run again: what has come is kept.',
  IMAGE_DOWNLOAD_CHANGED: 'Run again when the file at the server is no longer being replaced.',
  IMAGE_DOWNLOAD_DIGEST:
    'Compare the digest with the one on the download page: the file was replaced, damaged or tampered with.',
  IMAGE_DOWNLOAD_DIGEST_FILE: 'Give the digest itself as sha256 instead.',
  IMAGE_PARTITION_TABLE: 'The image is incomplete or damaged: download it again and compare its checksum.',
  IMAGE_NO_PARTITION: '`turingpi image info` lists the partitions.',
  IMAGE_NO_ROOT: 'Choose the partition: `turingpi image info` lists them.',
  IMAGE_AMBIGUOUS_ROOT: 'Choose the partition: `turingpi image info` lists them.',
  IMAGE_FILESYSTEM_CORRUPT:
    'The image is damaged. Download it again, or repair a copy with e2fsck or fsck.vfat.',
  IMAGE_FILESYSTEM_UNSUPPORTED: 'Use the loop or docker backend for this image, or another base image.',
  IMAGE_FILESYSTEM_DIRTY: 'Mount and unmount it once or run e2fsck on it, or use the loop backend.',
  IMAGE_SELF_CHECK_FAILED:
    'Nothing was saved, and the base image is untouched. If that is sound, please report this with the edits.',
  IMAGE_PATH_INVALID:
    'Give an absolute path inside the image, without "..", of names that its filesystem allows.',
  IMAGE_PATH_NOT_FOUND: LOOK_AROUND,
  IMAGE_PATH_EXISTS: 'Remove it first, or choose another path.',
  IMAGE_NOT_A_DIRECTORY: LOOK_AROUND,
  IMAGE_IS_A_DIRECTORY: `Give the path of a file. ${LOOK_AROUND}`,
  IMAGE_DIRECTORY_NOT_EMPTY: 'Remove what is in it first, or remove it recursively.',
  IMAGE_NAME_TOO_LONG: 'A name has at most 255 bytes: choose a shorter one.',
  IMAGE_SYMLINK_LOOP:
    'Links of the image lead to each other: remove one of them, or give the path behind them.',
  IMAGE_OPERATION_UNSUPPORTED:
    'The filesystem, or this type of file, has no such thing: leave that edit out.',
  IMAGE_NO_SPACE:
    'Write less into the image, or enlarge its filesystem first: it grows at the first boot only.',
  IMAGE_NO_INODES: 'Add fewer files to the image, or remove some first.',
  IMAGE_HOST_NO_SPACE: 'Free some space, see `turingpi cache prune`, or choose another directory.',
  IMAGE_SOURCE_NOT_FOUND: CHECK_SOURCE,
  IMAGE_SOURCE_UNREADABLE: CHECK_SOURCE,
  IMAGE_SOURCE_CHANGED: 'Run again when nothing writes the file any more.',
  IMAGE_TEMPLATE_VALUE: 'Give a value for every name in the template.',
  IMAGE_OUTPUT_EXISTS: 'Give another name for the output.',
  IMAGE_WRITE_FAILED:
    'Check permissions and the state of the disk: the message has the reason of the system.',
  IMAGE_NO_BACKEND:
    'Use the backend `userspace`, or run where Docker, or root with loop devices, is at hand.',
};
