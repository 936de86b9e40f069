import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandTable } from '../shell/command.js';
import { LoopJump, ShellExit } from '../shell/shell-jump.js';
import { testExpression } from './test-expression.js';

/** What a shell does itself. */
export const SHELL_BUILTINS: CommandTable = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  break: () => {
    throw new LoopJump('break');
  },
  continue: () => {
    throw new LoopJump('continue');
  },
  exit: ({ args, shell }) => {
    throw new ShellExit(args[0] === undefined ? shell.status : Number(args[0]) & 255);
  },
  cd: async ({ args, shell, files, path, io }) => {
    const target = args[0] === undefined ? shell.identity.home : path(args[0]);
    const stat = await files.stat(target).catch(() => undefined);
    if (stat?.type !== 'directory') {
      io.err(`sh: 1: cd: can't cd to ${args[0] ?? target}\n`);
      return 2;
    }
    shell.directory = target;
    return 0;
  },
  pwd: ({ io, shell }) => {
    io.out(`${shell.directory}\n`);
    return 0;
  },
  export: ({ args, shell }) => {
    for (const arg of args) {
      const equals = arg.indexOf('=');
      if (equals > 0) shell.variables.set(arg.slice(0, equals), arg.slice(equals + 1));
    }
    return 0;
  },
  unset: ({ args, shell }) => {
    for (const name of args) shell.variables.delete(name);
    return 0;
  },
  set: ({ args, shell }) => {
    for (const arg of args) {
      if (/^-[a-z]*e/.test(arg)) shell.exitOnError = true;
      if (/^\+[a-z]*e/.test(arg)) shell.exitOnError = false;
    }
    return 0;
  },
  trap: ({ args, shell }) => {
    if (args.includes('EXIT') || args.includes('0')) shell.exitTrap = args[0] === '-' ? undefined : args[0];
    return 0;
  },
  umask: () => 0,
  read: async ({ args, shell, io }) => {
    const line = await io.input.readLine();
    const name = args.find((arg) => !arg.startsWith('-'));
    if (name !== undefined) shell.variables.set(name, line ?? '');
    return line === undefined ? 1 : 0;
  },
  eval: ({ args, shell, io }) => shell.runHere(args.join(' '), io),
  exec: async ({ args, shell, io }) => {
    if (args.length === 0) return 0;
    throw new ShellExit(await shell.runProgram(args, io));
  },
  command: async ({ args, shell, io }) => {
    if (args[0] !== '-v') return shell.runProgram(args, io);
    const found = await shell.which(args[1] ?? '');
    if (found === undefined) return 127;
    io.out(`${found}\n`);
    return 0;
  },
  which: async ({ args, shell, io }) => {
    let status = 0;
    for (const name of args) {
      const found = await shell.which(name);
      if (found === undefined) status = 1;
      else io.out(`${found}\n`);
    }
    return status;
  },
  test: (call) => testExpression(call, call.args),
  '[': (call) => {
    if (call.args.at(-1) !== ']') {
      call.io.err('sh: 1: [: missing ]\n');
      return 2;
    }
    return testExpression(call, call.args.slice(0, -1));
  },
  sh: async ({ args, shell, io, files, path }) => {
    const rest = [...args];
    let exitOnError = false;
    while (/^-[a-z]*[exu][a-z]*$/.test(rest[0] ?? '') && !(rest[0] ?? '').includes('c')) {
      exitOnError ||= (rest[0] ?? '').includes('e');
      rest.shift();
    }
    const inline = /^-[a-z]*c$/.test(rest[0] ?? '');
    if (inline) exitOnError ||= (rest[0] ?? '').includes('e');
    const [source, name, operands] = inline
      ? [rest[1] ?? '', rest[2] ?? 'sh', rest.slice(3)]
      : rest[0] === undefined || rest[0] === '-s'
        ? [(await io.input.readAll()).toString('utf8'), 'sh', rest.slice(1)]
        : [(await files.readFile(path(rest[0]))).toString('utf8'), rest[0], rest.slice(1)];
    const child = shell.fork(shell.identity, { name, args: operands });
    child.exitOnError = exitOnError;
    return child.run(source, io);
  },
  env: async ({ args, shell, io }) => {
    const rest = [...args];
    const child = shell.fork();
    for (let arg = rest[0]; arg !== undefined && /^[A-Za-z_]\w*=/.test(arg); arg = rest[0]) {
      child.variables.set(arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1));
      rest.shift();
    }
    if (rest.length > 0) return child.runProgram(rest, io);
    for (const [name, value] of child.variables) io.out(`${name}=${value}\n`);
    return 0;
  },
  sleep: async ({ args, shell }) => {
    const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(args[0] ?? '') ?? [];
    if (amount === undefined) return 1;
    const scale = { s: 1, m: 60, h: 3600, d: 86_400 }[unit === '' ? 's' : unit] ?? 1;
    await sleep(Number(amount) * scale * 1000, undefined, { signal: shell.signal });
    return 0;
  },
};
