import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path/posix';
import type { FileStat } from '@turingpi/image';
import { type CommandCall, type CommandTable, readOptions } from '../shell/command.js';
import { FileFailure } from '../system/file-failure.js';
import { changedMode, modeText } from './file-mode.js';

/** Programs that look at files and change them, with the permissions of whoever runs them. */
export const FILE_COMMANDS: CommandTable = {
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
  mkdir: async (call) => {
    const { options, operands } = readOptions(call.args, ['m', 'mode']);
    const mode = Number.parseInt(options.get('m') ?? options.get('mode') ?? '755', 8);
    let status = 0;
    for (const operand of operands)
      status ||= await attempt(call, 1, `cannot create directory '${operand}'`, () =>
        options.has('p')
          ? makeParents(call, call.path(operand), mode)
          : call.files.makeDirectory(call.path(operand), mode),
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
  mv: (call) => transfer(call, async (source, target) => call.files.rename(source, target), 'move'),
  cp: (call) => {
    const { options } = readOptions(call.args);
    const deep = ['r', 'R', 'a', 'recursive'].some((option) => options.has(option));
    return transfer(call, (source, target) => copyTree(call, source, target, deep), 'stat');
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
      await call.files.makeSymlink(path, target);
    });
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
  mktemp: async (call) => {
    const { options } = readOptions(call.args);
    const path = `/tmp/tmp.${randomBytes(5).toString('hex')}`;
    if (options.has('d')) await call.files.makeDirectory(path, 0o700);
    else await call.files.writeFile(path, Buffer.alloc(0), 0o600);
    call.io.out(`${path}\n`);
    return 0;
  },
  install: async (call) => {
    const { options, operands } = readOptions(call.args, ['m', 'mode', 'o', 'owner', 'g', 'group']);
    const mode = Number.parseInt(options.get('m') ?? options.get('mode') ?? '755', 8);
    const account = await call.system.accounts.find(
      options.get('o') ?? options.get('owner') ?? call.shell.identity.name,
    );
    const group = options.get('g') ?? options.get('group');
    const gid = group === undefined ? call.shell.identity.gid : await call.system.accounts.groupId(group);
    if (account === undefined || gid === undefined) {
      call.io.err(`install: invalid ${account === undefined ? 'user' : 'group'}\n`);
      return 1;
    }
    const attributes = { mode, uid: account.uid, gid };
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

async function attempt(
  call: CommandCall,
  failed: number,
  what: string,
  run: () => Promise<void>,
): Promise<number> {
  try {
    await run();
    return 0;
  } catch (error) {
    call.io.err(`${call.name}: ${what}: ${FileFailure.from(error, what).message}\n`);
    return failed;
  }
}

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

async function makeParents({ files }: CommandCall, path: string, mode: number): Promise<void> {
  const stat = await files.stat(path).catch(() => undefined);
  if (stat?.type === 'directory') return;
  if (stat !== undefined) throw new FileFailure('EEXIST', path);
  const parents: string[] = [];
  for (let at = dirname(path); at !== '/' && !(await files.exists(at)); at = dirname(at)) parents.unshift(at);
  for (const parent of parents) await files.makeDirectory(parent, 0o755);
  await files.makeDirectory(path, mode);
}

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

async function removeTree(call: CommandCall, path: string, stat: FileStat): Promise<void> {
  if (stat.type === 'directory')
    for (const entry of await call.files.list(path)) {
      const child = join(path, entry.name);
      await removeTree(call, child, await call.files.lstat(child));
    }
  await call.files.remove(path);
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
    await call.files.makeSymlink(target, await call.files.readLink(source));
    return;
  }
  if (stat.type === 'file') {
    await call.files.writeFile(target, await call.files.readFile(source), stat.mode & 0o777);
    return;
  }
  if (stat.type !== 'directory' || !deep) throw new FileFailure('EISDIR', source);
  if (!(await call.files.exists(target))) await call.files.makeDirectory(target, stat.mode & 0o777);
  for (const entry of await call.files.list(source))
    await copyTree(call, join(source, entry.name), join(target, entry.name), true);
}
