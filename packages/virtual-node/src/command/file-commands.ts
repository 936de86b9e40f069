import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path/posix';
import type { FileStat } from '@turingpi/image';
import { type CommandCall, type CommandTable, readOptions } from '../shell/command.js';
import { FileFailure } from '../system/file-failure.js';
import { ATTRIBUTE_COMMANDS } from './attribute-commands.js';
import { attempt } from './attempt.js';
import { COPYING_COMMANDS } from './copying-commands.js';
import { LISTING_COMMANDS } from './listing-commands.js';
import { makeParents } from './make-parents.js';

/** Programs that look at files and change them, with the permissions of whoever runs them. */
export const FILE_COMMANDS: CommandTable = {
  ...LISTING_COMMANDS,
  ...ATTRIBUTE_COMMANDS,
  ...COPYING_COMMANDS,
  mkdir: async (call) => {
    const { options, operands } = readOptions(call.args, ['m', 'mode']);
    const mode = Number.parseInt(options.get('m') ?? options.get('mode') ?? '755', 8);
    let status = 0;
    for (const operand of operands)
      status ||= await attempt(call, 1, `cannot create directory '${operand}'`, () =>
        options.has('p')
          ? makeParents(call, call.path(operand), mode)
          : call.files.mkdir(call.path(operand), mode),
      );
    return status;
  },
  rmdir: async (call) => {
    let status = 0;
    for (const operand of readOptions(call.args).operands)
      status ||= await attempt(call, 1, `failed to remove '${operand}'`, async () => {
        if ((await call.files.lstat(call.path(operand))).type !== 'directory')
          throw new FileFailure('ENOTDIR', operand);
        await call.files.remove(call.path(operand));
      });
    return status;
  },
  touch: async (call) => {
    let status = 0;
    for (const operand of readOptions(call.args).operands)
      status ||= await attempt(call, 1, `cannot touch '${operand}'`, async () => {
        const path = call.path(operand);
        if (await call.files.exists(path)) await call.files.setAttributes(path, { mtime: new Date() });
        else await call.files.writeFile(path, Buffer.alloc(0));
      });
    return status;
  },
  rm: async (call) => {
    const { options, operands } = readOptions(call.args);
    const recursive = options.has('r') || options.has('R') || options.has('recursive');
    const force = options.has('f') || options.has('force');
    let status = 0;
    for (const operand of operands)
      status ||= await attempt(call, 1, `cannot remove '${operand}'`, async () => {
        const path = call.path(operand);
        const stat = await call.files.lstat(path).catch((error: unknown) => {
          if (force && FileFailure.from(error, path).code === 'ENOENT') return undefined;
          throw error;
        });
        if (stat === undefined) return;
        if (stat.type === 'directory' && !recursive) throw new FileFailure('EISDIR', operand);
        await removeTree(call, path, stat);
      });
    return status;
  },
  ln: async (call) => {
    const { options, operands } = readOptions(call.args);
    const [target = '', name = basename(operands[0] ?? '')] = operands;
    return attempt(call, 1, `failed to create symbolic link '${name}'`, async () => {
      if (!options.has('s')) throw new FileFailure('EPERM', name); // hard links are not simulated
      let path = call.path(name);
      const there = await (options.has('n') ? call.files.lstat(path) : call.files.stat(path)).catch(
        () => undefined,
      );
      if (there?.type === 'directory') path = join(path, basename(target));
      if (options.has('f') && (await call.files.lstat(path).catch(() => undefined)) !== undefined)
        await call.files.remove(path);
      await call.files.symlink(target, path);
    });
  },
  mktemp: async (call) => {
    const { options } = readOptions(call.args);
    const path = `/tmp/tmp.${randomBytes(5).toString('hex')}`;
    if (options.has('d')) await call.files.mkdir(path, 0o700);
    else await call.files.writeFile(path, Buffer.alloc(0), 0o600);
    call.io.out(`${path}\n`);
    return 0;
  },
};

async function removeTree(call: CommandCall, path: string, stat: FileStat): Promise<void> {
  if (stat.type === 'directory')
    for (const entry of await call.files.list(path)) {
      const child = join(path, entry.name);
      await removeTree(call, child, await call.files.lstat(child));
    }
  await call.files.remove(path);
}
