import { execFileSync } from 'node:child_process';
import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { addFilesToFat32 } from '../base-images/out-of-spec-fat32.mjs';

const MIB = 1024 * 1024;
const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LC_ALL: 'C' };

function run(program, parameters, options = {}) {
  execFileSync(program, parameters, { env: ENV, stdio: ['pipe', 'ignore', 'inherit'], ...options });
}

/** A disk image under construction: a partition table with filesystems put into place. */
export class DiskImage {
  constructor(path, work) {
    this.path = path;
    this.work = work;
  }

  /** @param script - partition table for sfdisk, in its own language */
  static make(path, work, sizeMib, script) {
    makeEmpty(path, sizeMib);
    run('sfdisk', ['--quiet', path], { input: script });
    return new DiskImage(path, work);
  }

  /** Puts a FAT32 into a partition; one of 4 MiB is out of its specification, as in Ubuntu for RK1. */
  addFat({ atMib, sizeMib, label, volumeId }, files) {
    const fat = join(this.work, 'fat');
    makeEmpty(fat, sizeMib);
    run('mkfs.vfat', ['-F', '32', '-n', label, ...(volumeId ? ['-i', volumeId] : []), fat], {
      stdio: ['ignore', 'ignore', 'ignore'], // it warns of the size
    });
    if (sizeMib < 33) {
      const bytes = readFileSync(fat);
      addFilesToFat32(bytes, files, { date: ((2024 - 1980) << 9) | (3 << 5) | 15, time: 12 << 11 });
      writeFileSync(fat, bytes);
    } else
      for (const [name, content] of files) {
        const source = join(this.work, 'fat-file');
        writeFileSync(source, content);
        run('mcopy', ['-i', fat, source, `::${name}`]);
      }
    return this.#place(fat, atMib);
  }

  /** Makes an ext4 out of a directory, with owners, modes and device files, and without mounting anything. */
  addExt4({ atMib, sizeMib, label, uuid, features }, directory) {
    const ext4 = join(this.work, 'ext4');
    makeEmpty(ext4, sizeMib);
    const more = features ? ['-O', features] : [];
    run('mkfs.ext4', ['-q', '-F', '-L', label, '-U', uuid, ...more, '-d', directory, ext4]);
    return this.#place(ext4, atMib);
  }

  /** Puts bytes where no partition is. */
  addBytes(offset, bytes) {
    const file = openSync(this.path, 'r+');
    writeSync(file, bytes, 0, bytes.length, offset);
    closeSync(file);
    return this;
  }

  /** Packs the image as images are published: in blocks that can be read one by one. */
  pack(output) {
    const staged = `${output}.partial`;
    const file = openSync(staged, 'w');
    try {
      const blocks = ['-T2', '--block-size=16MiB'];
      run('xz', ['-0', ...blocks, '--stdout', this.path], { stdio: ['ignore', file, 'inherit'] });
    } finally {
      closeSync(file);
    }
    renameSync(staged, output);
  }

  #place(part, atMib) {
    run('dd', [
      `if=${part}`,
      `of=${this.path}`,
      'bs=1M',
      `seek=${atMib}`,
      'conv=notrunc,sparse',
      'status=none',
    ]);
    rmSync(part);
    return this;
  }
}

function makeEmpty(path, sizeMib) {
  writeFileSync(path, '');
  truncateSync(path, sizeMib * MIB);
}
