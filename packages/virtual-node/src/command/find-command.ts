import { basename, join } from 'node:path/posix';
import type { FileStat } from '@turingpi/image';
import type { Command, CommandCall } from '../shell/command.js';
import { attempt } from './attempt.js';

/** `find -H PATH… [-printf FORMAT]`: all below paths; of its tests it knows none. */
export const find: Command = async (call) => {
  const operands = call.args[0] === '-H' ? call.args.slice(1) : [...call.args];
  const end = operands.findIndex((word) => word.startsWith('-'));
  const paths = end < 0 ? operands : operands.slice(0, end);
  const [predicate, format = '', ...more] = end < 0 ? ['-printf', '%p\\n'] : operands.slice(end);
  if (predicate !== '-printf' || more.length > 0) {
    call.io.err(
      `find: unknown predicate '${predicate === '-printf' ? (more[0] ?? '') : (predicate ?? '')}'\n`,
    );
    return 1;
  }
  let status = 0;
  for (const operand of paths) {
    const told = await attempt(call, 1, `'${operand}'`, () => {
      const follow = call.args[0] === '-H';
      return walk(call, operand, { format, follow });
    });
    status = Math.max(status, told);
  }
  return status;
};

async function walk(
  call: CommandCall,
  name: string,
  { format, follow }: { readonly format: string; readonly follow: boolean },
): Promise<void> {
  const path = call.path(name);
  const own = await call.files.lstat(path);
  const stat = follow ? await call.files.stat(path).catch(() => own) : own;
  call.io.out(await described(call, name, stat, format));
  if (stat.type !== 'directory') return;
  for (const entry of (await call.files.list(path)).map((one) => one.name).sort())
    await walk(call, join(name, entry), { format, follow: false });
}

const LETTERS: Readonly<Record<FileStat['type'], string>> = {
  file: 'f',
  directory: 'd',
  symlink: 'l',
  fifo: 'p',
  socket: 's',
  'character-device': 'c',
  'block-device': 'b',
};

async function described(call: CommandCall, name: string, stat: FileStat, format: string): Promise<string> {
  const target = stat.type === 'symlink' ? await call.files.readLink(call.path(name)) : '';
  const values: Readonly<Record<string, string>> = {
    ...{ p: name, f: basename(name), y: LETTERS[stat.type], m: stat.mode.toString(8), l: target },
    ...{ U: String(stat.uid), G: String(stat.gid), s: String(stat.size) },
  };
  const escapes: Readonly<Record<string, string>> = { '0': '\0', n: '\n', t: '\t', '\\': '\\' };
  return format.replaceAll(/%(.)|\\(.)/g, (whole, value?: string, escape?: string) =>
    value === undefined ? (escapes[escape ?? ''] ?? whole) : (values[value] ?? whole),
  );
}
