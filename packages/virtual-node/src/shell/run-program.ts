import { basename } from 'node:path/posix';
import { FileFailure } from '../system/file-failure.js';
import type { CommandIo, Shell } from './command.js';
import { findProgram, isSystemProgram, LOCAL_PATH, SYSTEM_PATH } from './program-search.js';

/** Runs one program for a shell: a file in the image, or one of the simulated programs. @returns its exit status. */
export async function runProgram(shell: Shell, argv: readonly string[], io: CommandIo): Promise<number> {
  const [name = '', ...args] = argv;
  shell.signal.throwIfAborted();
  const path = (argument: string): string => shell.path(argument);
  if (name.includes('/')) return runFile(shell, shell.path(name), name, args, io);
  const local = await findProgram(shell.files, name, LOCAL_PATH);
  if (local !== undefined) return runFile(shell, local, name, args, io);
  const command = shell.commands[name];
  if (command !== undefined && Object.hasOwn(shell.commands, name)) {
    try {
      return await command({ name, args, io, shell, system: shell.system, files: shell.files, path });
    } catch (error) {
      if (!(error instanceof FileFailure)) throw error;
      io.err(`${name}: ${error.path}: ${error.message}\n`);
      return 1;
    }
  }
  const found = await findProgram(shell.files, name, SYSTEM_PATH);
  if (found !== undefined) return runFile(shell, found, name, args, io);
  io.err(`sh: 1: ${name}: not found\n`);
  return 127;
}

async function runFile(
  shell: Shell,
  file: string,
  name: string,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  const known = basename(file);
  if (isSystemProgram(file) && Object.hasOwn(shell.commands, known))
    return shell.runProgram([known, ...args], io);
  let content: Buffer;
  try {
    const stat = await shell.files.stat(file);
    if (stat.type === 'directory') throw new FileFailure('EACCES', file);
    await shell.files.demand(file, 1);
    content = await shell.files.readFile(file);
  } catch (error) {
    const failure = FileFailure.from(error, file);
    io.err(`sh: 1: ${name}: ${failure.code === 'ENOENT' ? 'not found' : failure.message}\n`);
    return failure.code === 'ENOENT' ? 127 : 126;
  }
  const [, interpreter] = /^#!\s*(\S+)/.exec(content.subarray(0, 256).toString('latin1')) ?? [];
  if (interpreter !== undefined && /\/(ba|da)?sh$/.test(interpreter)) {
    const child = shell.fork(shell.identity, { name, args });
    return child.run(content.toString('utf8'), io);
  }
  io.err(`sh: 1: ${name}: this node is simulated and runs shell scripts only\n`);
  return 126;
}
