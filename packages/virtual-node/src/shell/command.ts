import type { Identity } from '../system/identity.js';
import type { NodeFiles } from '../system/node-files.js';
import type { NodeSystem } from '../system/node-system.js';
import type { StandardInput } from './standard-input.js';

/** The three descriptors of a command. */
export interface CommandIo {
  readonly input: StandardInput;
  readonly out: (data: string | Uint8Array) => void;
  readonly err: (data: string | Uint8Array) => void;
}

/** One run of a command. */
export interface CommandCall {
  /** As it was called. */
  readonly name: string;
  readonly args: readonly string[];
  readonly io: CommandIo;
  readonly shell: Shell;
  readonly system: NodeSystem;
  /** The files, with the permissions of whoever runs this. */
  readonly files: NodeFiles;
  /** An absolute path from one as it was given. */
  readonly path: (argument: string) => string;
}

/** A program of the simulated node. @returns its exit status. */
export type Command = (call: CommandCall) => Promise<number> | number;

/** Commands by name. */
export type CommandTable = Readonly<Record<string, Command>>;

/** The shell as its commands see it. In one file with them: each is told in terms of the other. */
export interface Shell {
  readonly variables: Map<string, string>;
  readonly files: NodeFiles;
  readonly system: NodeSystem;
  readonly identity: Identity;
  readonly commands: CommandTable;
  readonly position: { readonly name: string; readonly args: readonly string[] };
  /** Fires when this shell is killed, or its node goes down. */
  readonly signal: AbortSignal;
  directory: string;
  status: number;
  exitOnError: boolean;
  exitTrap: string | undefined;
  /** A shell of its own that starts where this one is; with another identity for sudo. */
  fork(identity?: Identity, position?: Shell['position']): Shell;
  /** An absolute path from one as it was given. */
  path(argument: string): string;
  /** Runs a script's text to its end, its `trap ... EXIT` included. @returns the exit status. */
  run(source: string, io: CommandIo): Promise<number>;
  /** Runs a script's text inside this shell, as `.` and `eval` do. */
  runHere(source: string, io: CommandIo): Promise<number>;
  /** Runs one program with its arguments; it is among the system's processes meanwhile. */
  runProgram(argv: readonly string[], io: CommandIo): Promise<number>;
  /** Where a program is found, as `command -v` says it. */
  which(name: string): Promise<string | undefined>;
}

/** Splits leading options from operands: `-rf`, `--force`; `--` ends them. Options in `valued` take the next argument. */
export function readOptions(
  args: readonly string[],
  valued: readonly string[] = [],
): { readonly options: ReadonlyMap<string, string>; readonly operands: readonly string[] } {
  const options = new Map<string, string>();
  const operands: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      operands.push(...args.slice(at + 1));
      break;
    }
    const [, long, value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (long !== undefined) {
      if (value === undefined && valued.includes(long)) options.set(long, args[(at += 1)] ?? '');
      else options.set(long, value ?? '');
    } else if (/^-[A-Za-z]/.test(arg)) {
      for (let letter = 1; letter < arg.length; letter += 1) {
        const name = arg.charAt(letter);
        if (!valued.includes(name)) {
          options.set(name, '');
          continue;
        }
        const attached = arg.slice(letter + 1);
        options.set(name, attached === '' ? (args[(at += 1)] ?? '') : attached);
        break;
      }
    } else operands.push(arg);
  }
  return { options, operands };
}
