import type { NodeFiles } from '../system/node-files.js';
import { FileFailure } from '../system/file-failure.js';
import type { CommandIo, Shell } from './command.js';
import { expandWords } from './expand-word.js';
import type { Redirection } from './shell-script.js';
import { BufferedInput } from './standard-input.js';

type Write = (data: string | Uint8Array) => void;

/** Where a command reads and writes, until it is closed. */
export interface Redirected {
  readonly io: CommandIo;
  /** Writes what was collected for files. */
  readonly close: () => Promise<void>;
}

/**
 * Opens a command's redirections. Output to files is collected and written when the command has ended.
 *
 * @returns the exit status when one of them cannot be opened
 */
export async function redirect(
  shell: Shell,
  redirections: readonly Redirection[],
  io: CommandIo,
): Promise<Redirected | number> {
  let { input, out, err } = io;
  const writes: (() => Promise<void>)[] = [];
  for (const { descriptor, kind, target } of redirections) {
    const [word = ''] = await expandWords(shell, [target], io);
    if (kind === 'duplicate') {
      if (descriptor === 1 && word === '2') out = err;
      else if (descriptor === 2 && word === '1') err = out;
      continue;
    }
    const path = shell.path(word);
    try {
      if (kind === 'read') {
        input = new BufferedInput(path === '/dev/null' ? Buffer.alloc(0) : await shell.files.readFile(path));
        continue;
      }
      const write: Write =
        path === '/dev/null' ? () => undefined : await openForWriting(shell.files, path, kind, writes);
      if (descriptor === 2) err = write;
      else out = write;
    } catch (error) {
      const failure = FileFailure.from(error, word);
      const verb = kind === 'read' ? 'open' : 'create';
      io.err(`sh: 1: cannot ${verb} ${word}: ${failure.message}\n`);
      return 2;
    }
  }
  const close = async (): Promise<void> => {
    for (const write of writes) await write();
  };
  return { io: { input, out, err }, close };
}

async function openForWriting(
  files: NodeFiles,
  path: string,
  kind: 'write' | 'append',
  writes: (() => Promise<void>)[],
): Promise<Write> {
  const exists = await files.exists(path);
  const pieces: Buffer[] = kind === 'append' && exists ? [await files.readFile(path)] : [];
  await files.writeFile(path, Buffer.concat(pieces));
  const before = pieces.length;
  writes.push(async () => {
    if (pieces.length > before) await files.writeFile(path, Buffer.concat(pieces));
  });
  return (data) => void pieces.push(Buffer.from(data as string));
}
