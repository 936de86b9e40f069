import { pipeline } from 'node:stream/promises';
import { ImageError, listImageFiles } from '@turingpi/image';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { formatMode } from '../../render/file-mode.js';
import { localTime } from '../../render/local-time.js';
import { printable } from '../../render/printable.js';
import { type ImageCommandOptions, withImageWork } from './image-command.js';

export type ImageFilesOptions = ImageCommandOptions;

/** `turingpi image ls FILE [PATH]`: a directory of a partition, the root filesystem's unless told otherwise. */
export async function imageList(
  file: string,
  path: string,
  options: ImageFilesOptions,
  terminal: Terminal,
): Promise<number> {
  return withImageWork(options, terminal, async (work) => {
    await using session = await work.open(file);
    const entries = await listImageFiles(await session.files(options.partition ?? 'root'), path);
    if (options.json === true) {
      for (const entry of entries) terminal.stdout.write(`${JSON.stringify(entry)}\n`);
      return EXIT.ok;
    }
    const width = Math.max(0, ...entries.map(({ size }) => String(size).length));
    const owner = ({ uid, gid }: { uid: number; gid: number }) => `${uid}:${gid}`.padEnd(11);
    for (const { name, type, mode, uid, gid, size, mtime, target } of entries)
      terminal.stdout.write(
        `${formatMode(type, mode)} ${owner({ uid, gid })} ${String(size).padStart(width)} ${formatTime(mtime)} ${printable(name)}${target === undefined ? '' : ` -> ${printable(target)}`}\n`,
      );
    return EXIT.ok;
  });
}

/** `turingpi image cat FILE PATH`: the content of a file as it is. */
export async function imageCat(
  file: string,
  path: string,
  options: ImageFilesOptions,
  terminal: Terminal,
): Promise<number> {
  return withImageWork(options, terminal, async (work) => {
    await using session = await work.open(file);
    const files = await session.files(options.partition ?? 'root');
    const { type } = await files.stat(path);
    if (type !== 'file')
      throw new ImageError(
        type === 'directory' ? 'IMAGE_IS_A_DIRECTORY' : 'IMAGE_OPERATION_UNSUPPORTED',
        `${path} is a ${type}, not a file`,
        { hint: 'Look around with turingpi image ls.' },
      );
    const content = files.fileSystem.readStream(await files.realPath(path));
    try {
      await pipeline(content, terminal.stdout, { end: false, signal: work.signal });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error; // the reader had enough
    }
    return EXIT.ok;
  });
}

function formatTime(time: Date): string {
  return (localTime(time) || '-').padEnd(16);
}
