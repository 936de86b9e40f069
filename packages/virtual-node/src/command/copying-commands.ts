import { basename, dirname, join } from 'node:path/posix';
import { type CommandCall, type CommandTable, readOptions } from '../shell/command.js';
import { FileFailure } from '../system/file-failure.js';
import { attempt } from './attempt.js';
import { makeParents } from './make-parents.js';

/** Programs that bring files to another place. */
export const COPYING_COMMANDS: CommandTable = {
  mv: (call) => transfer(call, async (source, target) => call.files.rename(source, target), 'move'),
  cp: (call) => {
    const { options } = readOptions(call.args);
    const deep = ['r', 'R', 'a', 'recursive'].some((option) => options.has(option));
    return transfer(call, (source, target) => copyTree(call, source, target, deep), 'stat');
  },
  install: async (call) => {
    const { options, operands } = readOptions(call.args, ['m', 'mode', 'o', 'owner', 'g', 'group']);
    const mode = Number.parseInt(options.get('m') ?? options.get('mode') ?? '755', 8);
    const { accounts } = call.system;
    const owner = options.get('o') ?? options.get('owner') ?? call.shell.identity.name;
    const uid = (await accounts.find(owner))?.uid ?? idIn(owner);
    const group = options.get('g') ?? options.get('group');
    const named = group === undefined ? call.shell.identity.gid : await accounts.groupId(group);
    const gid = named ?? idIn(group);
    if (uid === undefined || gid === undefined) {
      call.io.err(`install: invalid ${uid === undefined ? 'user' : 'group'}\n`);
      return 1;
    }
    const attributes = { mode, uid, gid };
    return attempt(call, 1, `cannot install '${operands.at(-1) ?? ''}'`, async () => {
      if (options.has('d')) {
        for (const operand of operands) {
          await makeParents(call, call.path(operand), mode);
          await call.files.setAttributes(call.path(operand), attributes);
        }
        return;
      }
      const [source = '', to = ''] = operands.map((operand) => call.path(operand));
      const into = (await call.files.stat(to).catch(() => undefined))?.type === 'directory';
      const target = into ? join(to, basename(source)) : to;
      if (options.has('D')) await makeParents(call, dirname(target), 0o755);
      const content = await call.files.readFile(source);
      if ((await call.files.lstat(target).catch(() => undefined)) !== undefined)
        await call.files.remove(target);
      await call.files.writeFile(target, content, mode);
      await call.files.setAttributes(target, attributes);
    });
  },
};

/** A user or group that is given by its number. */
function idIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

async function transfer(
  call: CommandCall,
  move: (source: string, target: string) => Promise<void>,
  verb: string,
): Promise<number> {
  const { options, operands } = readOptions(call.args);
  const to = call.path(operands.at(-1) ?? '');
  const into = !options.has('T') && (await call.files.stat(to).catch(() => undefined))?.type === 'directory';
  let status = 0;
  if (operands.length < 2) {
    call.io.err(`${call.name}: missing destination file operand\n`);
    return 1;
  }
  for (const operand of operands.slice(0, -1)) {
    const source = call.path(operand);
    status ||= await attempt(call, 1, `cannot ${verb} '${operand}'`, () =>
      move(source, into ? join(to, basename(source)) : to),
    );
  }
  return status;
}

async function copyTree(call: CommandCall, source: string, target: string, deep: boolean): Promise<void> {
  const stat = deep ? await call.files.lstat(source) : await call.files.stat(source);
  if (stat.type === 'symlink') {
    await call.files.symlink(await call.files.readLink(source), target);
    return;
  }
  if (stat.type === 'file') {
    await call.files.writeFile(target, await call.files.readFile(source), stat.mode & 0o777);
    return;
  }
  if (stat.type !== 'directory' || !deep) throw new FileFailure('EISDIR', source);
  if (!(await call.files.exists(target))) await call.files.mkdir(target, stat.mode & 0o777);
  for (const entry of await call.files.list(source))
    await copyTree(call, join(source, entry.name), join(target, entry.name), true);
}
