import path from 'node:path';
import { editImageFile } from '@turingpi/image';
import { setHostname } from '@turingpi/linux';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { formatBytes } from '../../render/format.js';
import { type ImageCommandOptions, withImageWork } from './image-command.js';

/** A path in the image and something for it. */
export interface Assignment {
  readonly path: string;
  readonly value: string;
}

export interface ImageCustomizeOptions extends ImageCommandOptions {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly hostname?: string;
  readonly remove?: readonly string[];
  /** PATH=LOCALFILE. */
  readonly write?: readonly Assignment[];
  /** PATH=LOCALDIRECTORY. */
  readonly copy?: readonly Assignment[];
  /** PATH=MODE, octal. */
  readonly chmod?: readonly Assignment[];
}

/** `turingpi image customize FILE -o OUT`: a new image with some files changed, without a board. */
export async function imageCustomize(
  file: string,
  options: ImageCustomizeOptions,
  terminal: Terminal,
): Promise<number> {
  const { hostname, remove = [], write = [], copy = [], chmod = [] } = options;
  if (hostname === undefined && [remove, write, copy, chmod].every(({ length }) => length === 0))
    throw new UsageError(
      'nothing to change',
      'Say what: --hostname, --write, --copy, --chmod, --remove. See turingpi image customize --help.',
    );
  const local = (name: string) => path.resolve(terminal.cwd, name);
  return withImageWork(options, terminal, async (work) => {
    const { image, operations, backendReason } = await editImageFile(
      work.engine,
      local(file),
      local(options.output),
      async (root) => {
        if (hostname !== undefined) await setHostname(root, hostname);
        const target = options.partition === undefined ? root : root.partition(options.partition);
        for (const name of remove) await target.remove(name);
        for (const { path: to, value } of copy) await target.copyLocalDirectory(local(value), to);
        for (const { path: to, value } of write) await target.copyLocalFile(local(value), to);
        for (const { path: to, value } of chmod) await target.chmod(to, Number.parseInt(value, 8));
      },
      { ...work.options, ...(options.overwrite === undefined ? {} : { force: options.overwrite }) },
    );
    terminal.stdout.write(
      options.json === true
        ? `${JSON.stringify({ event: 'customized', image, operations: operations.length, backendReason })}\n`
        : `${image.path}: ${formatBytes(image.sizeBytes)}, ${operations.length} changes\nsha256 ${image.sha256}\n`,
    );
    return EXIT.ok;
  });
}
