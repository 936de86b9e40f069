import { join } from 'node:path/posix';
import type { FileStat } from '@turingpi/image';
import { type CommandCall, type CommandTable, readOptions } from '../shell/command.js';
import { FileFailure } from '../system/file-failure.js';
import { attempt } from './attempt.js';
import { changedMode } from './file-mode.js';

/** Programs that change modes and owners. */
export const ATTRIBUTE_COMMANDS: CommandTable = {
  chmod: async (call) => {
    const recursive = call.args[0] === '-R';
    const [mode = '', ...paths] = call.args.slice(recursive ? 1 : 0).filter((arg) => arg !== '--');
    let status = 0;
    for (const operand of paths)
      status ||= await attempt(call, 1, `changing permissions of '${operand}'`, () =>
        visit(call, call.path(operand), recursive, async (path, stat) => {
          const changed = changedMode(mode, stat.mode, stat.type === 'directory');
          if (changed === undefined) throw new FileFailure('EINVAL', mode);
          await call.files.setAttributes(path, { mode: changed });
        }),
      );
    return status;
  },
  chown: async (call) => {
    const { options, operands } = readOptions(call.args);
    const [owner = '', ...paths] = operands;
    const [user = '', group] = owner.split(':');
    const account = user === '' ? undefined : await call.system.accounts.find(user);
    const uid = user === '' ? undefined : (account?.uid ?? (/^\d+$/.test(user) ? Number(user) : NaN));
    const gid =
      group === undefined
        ? undefined
        : group === ''
          ? account?.gid
          : ((await call.system.accounts.groupId(group)) ?? NaN);
    if (Number.isNaN(uid) || Number.isNaN(gid)) {
      call.io.err(`chown: invalid ${Number.isNaN(uid) ? 'user' : 'group'}: '${owner}'\n`);
      return 1;
    }
    const attributes = { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
    let status = 0;
    for (const operand of paths)
      status ||= await attempt(call, 1, `changing ownership of '${operand}'`, () =>
        visit(call, call.path(operand), options.has('R'), (path) =>
          call.files.setAttributes(path, attributes),
        ),
      );
    return status;
  },
};

async function visit(
  call: CommandCall,
  path: string,
  recursive: boolean,
  change: (path: string, stat: FileStat) => Promise<void>,
): Promise<void> {
  const stat = await call.files.lstat(path);
  await change(path, stat.type === 'symlink' ? await call.files.stat(path) : stat);
  if (recursive && stat.type === 'directory')
    for (const entry of await call.files.list(path))
      if (entry.type !== 'symlink') await visit(call, join(path, entry.name), true, change);
}
