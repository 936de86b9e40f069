import type { ExplainedFamily } from './explanation.js';

/** Disk images and what is in them: `packages/image`. */
export const IMAGE_CODES: ExplainedFamily = {
  title: 'images',
  codes: {
    IMAGE_NOT_FOUND: { means: 'there is no such file', cure: 'check the path' },
    IMAGE_UNREADABLE: { means: 'the file may not be read', cure: 'check its permissions' },
    IMAGE_NOT_AN_IMAGE: {
      means: 'the file is no disk image, or is cut off',
      cure: 'give the image itself, not an archive of it, an installer or a web page',
    },
    IMAGE_PARTITION_TABLE: {
      means: 'its partition table makes no sense',
      cure: 'download it again and compare its checksum',
    },
    IMAGE_CORRUPT: {
      means: 'the packed data is damaged or cut short',
      cure: 'download it again',
    },
    IMAGE_CHECKSUM: { means: 'a checksum in the packed data is wrong', cure: 'download it again' },
    IMAGE_UNSUPPORTED_COMPRESSION: {
      means: 'a packing, or a filter of `.xz`, that is not known',
      cure: 'pack it again with `xz -6 -T0`',
    },
    IMAGE_TOO_LARGE: {
      means: 'more bytes than any image has, or than are read at once',
      cure: 'check URL or file; read large files as a stream',
    },
    IMAGE_NO_PARTITION: {
      means: 'no partition has that number, label, name or GUID',
      cure: '`turingpi image info` lists them',
    },
    IMAGE_NO_ROOT: {
      means: 'no partition looks like a root filesystem',
      cure: 'name the partition; `turingpi image info` lists them',
    },
    IMAGE_AMBIGUOUS_ROOT: {
      means: 'several partitions look like a root filesystem',
      cure: 'name the partition; `turingpi image info` lists them',
    },
    IMAGE_FILESYSTEM_CORRUPT: {
      means: 'the filesystem contradicts itself',
      cure: '`e2fsck -f` on a copy, or another image',
    },
    IMAGE_FILESYSTEM_UNSUPPORTED: {
      means: 'a kind of filesystem (btrfs, LVM), or a feature, that the backend does not write',
      cure: 'use the backend `loop` or `docker`',
    },
    IMAGE_FILESYSTEM_DIRTY: {
      means: 'it was not unmounted, and its journal is to be replayed',
      cure: 'use the backend `loop` or `docker`, which do that',
    },
    IMAGE_SELF_CHECK_FAILED: {
      means: 'what was written reads back otherwise; nothing was saved',
      cure: 'report it with the image; another backend may do it',
    },
    IMAGE_PATH_INVALID: {
      means: 'a path is relative, has `..`, or cannot be on that filesystem',
      cure: 'give absolute paths inside the image',
    },
    IMAGE_PATH_NOT_FOUND: { means: 'it is not in the image', cure: '`turingpi image ls` shows what is' },
    IMAGE_PATH_EXISTS: { means: 'it is in the image already', cure: 'remove it first, or take another path' },
    IMAGE_NOT_A_DIRECTORY: {
      means: 'something else than a directory is at the path',
      cure: '`turingpi image ls` shows what is where',
    },
    IMAGE_IS_A_DIRECTORY: { means: 'a directory is at the path', cure: 'give the path of a file' },
    IMAGE_DIRECTORY_NOT_EMPTY: {
      means: 'there is something in the directory',
      cure: 'remove that first, or all of it',
    },
    IMAGE_NAME_TOO_LONG: { means: 'a name has over 255 bytes', cure: 'take a shorter one' },
    IMAGE_SYMLINK_LOOP: {
      means: 'links in the image lead to each other',
      cure: 'remove one of them, or give the path behind them',
    },
    IMAGE_OPERATION_UNSUPPORTED: {
      means: 'the filesystem, or the type of the file, does not have it',
      cure: 'see the message: no links on FAT, no content in devices',
    },
    IMAGE_NO_SPACE: {
      means: 'the filesystem in the image is full',
      cure: 'put less in; it grows at the first boot only',
    },
    IMAGE_NO_INODES: { means: 'the filesystem in the image takes no more files', cure: 'add fewer files' },
    IMAGE_HOST_NO_SPACE: {
      means: "this computer's disk is full",
      cure: '`turingpi cache prune`, or another `cacheDir`',
    },
    IMAGE_SOURCE_NOT_FOUND: {
      means: 'a file of this computer that is to be copied is not there',
      cure: 'check the path',
    },
    IMAGE_SOURCE_UNREADABLE: {
      means: 'a file of this computer that is to be copied may not be read, or is a directory',
      cure: 'check its permissions; directories have a call of their own',
    },
    IMAGE_SOURCE_CHANGED: {
      means: 'a base image, or a file that is copied, was changed while it was in use',
      cure: 'run again when nothing writes it any more',
    },
    IMAGE_TEMPLATE_VALUE: {
      means: 'a template has a name without a value',
      cure: 'give all of its `values`',
    },
    IMAGE_OUTPUT_EXISTS: {
      means: 'the output is there already, or is the input',
      cure: 'take another name, or `--overwrite`; the input is never changed',
    },
    IMAGE_WRITE_FAILED: {
      means: 'this computer refused to write, to mount or to unmount',
      cure: 'the message has the reason of the system',
    },
    IMAGE_NO_BACKEND: {
      means: 'no backend can edit the image here; the message says why not for each',
      cure: 'the loop backend needs Linux, root, `losetup`, `mount`, `e2fsck` and loop devices',
    },
  },
};
