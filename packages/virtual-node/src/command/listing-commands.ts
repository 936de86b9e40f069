import { join } from 'node:path/posix';
import type { FileStat } from '@turingpi/image';
import { type CommandCall, type CommandTable, readOptions } from '../shell/command.js';
import { attempt } from './attempt.js';
import { find } from './find-command.js';
import { modeText } from './file-mode.js';

/** Programs that tell about files. */
export const LISTING_COMMANDS: CommandTable = {
  ls: async (call) => {
    const { options, operands } = readOptions(call.args);
    let status = 0;
    for (const operand of operands.length === 0 ? ['.'] : operands)
      status = Math.max(
        status,
        await attempt(call, 2, `cannot access '${operand}'`, () => list(call, operand, options)),
      );
    return status;
  },
  stat: async (call) => {
    const { options, operands } = readOptions(call.args, ['c', 'format']);
    const template =
      options.get('c') ??
      options.get('format') ??
      '  File: %n\n  Size: %s\nAccess: (%a/%A)  Uid: %u (%U)  Gid: %g (%G)';
    let status = 0;
    for (const operand of operands)
      status ||= await attempt(call, 1, `cannot statx '${operand}'`, async () => {
        const path = call.path(operand);
        const found = options.has('L') ? await call.files.stat(path) : await call.files.lstat(path);
        call.io.out(`${await describe(call, template, operand, found)}\n`);
      });
    return status;
  },
  readlink: async (call) => {
    const { options, operands } = readOptions(call.args);
    const path = call.path(operands[0] ?? '');
    const follow = options.has('f') || options.has('e');
    const found = await (follow ? call.files.realPath(path) : call.files.readLink(path)).catch(
      () => undefined,
    );
    if (found === undefined) return 1;
    call.io.out(`${found}\n`);
    return 0;
  },
  find,
};

async function list(call: CommandCall, operand: string, options: ReadonlyMap<string, string>): Promise<void> {
  const path = call.path(operand);
  const stat = options.has('d') ? await call.files.lstat(path) : await call.files.stat(path);
  const isDirectory = stat.type === 'directory' && !options.has('d');
  const names = isDirectory ? (await call.files.list(path)).map((entry) => entry.name).sort() : [operand];
  const hidden = options.has('a') || options.has('A');
  for (const name of names.filter((candidate) => !isDirectory || hidden || !candidate.startsWith('.'))) {
    const entry = isDirectory ? join(path, name) : path;
    if (!options.has('l')) {
      call.io.out(`${name}\n`);
      continue;
    }
    const found = await call.files.lstat(entry);
    const link = found.type === 'symlink' ? ` -> ${await call.files.readLink(entry)}` : '';
    call.io.out(`${await describe(call, '%A %h %U %G %s %y %n', name, found)}${link}\n`);
  }
}

async function describe(call: CommandCall, template: string, name: string, stat: FileStat): Promise<string> {
  const values: Readonly<Record<string, string>> = {
    n: name,
    s: String(stat.size),
    a: stat.mode.toString(8),
    A: modeText(stat),
    u: String(stat.uid),
    g: String(stat.gid),
    U: await call.system.accounts.userName(stat.uid),
    G: await call.system.accounts.groupName(stat.gid),
    h: String(stat.links),
    i: String(stat.inode),
    y: stat.mtime.toISOString(),
    Y: String(Math.floor(stat.mtime.getTime() / 1000)),
    F: stat.type === 'file' ? 'regular file' : stat.type === 'symlink' ? 'symbolic link' : stat.type,
  };
  return template.replaceAll(/%([A-Za-z%])/g, (whole, letter: string) =>
    letter === '%' ? '%' : (values[letter] ?? whole),
  );
}
