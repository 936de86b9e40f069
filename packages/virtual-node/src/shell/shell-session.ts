import { normalize } from 'node:path/posix';
import type { Identity } from '../system/identity.js';
import type { NodeFiles } from '../system/node-files.js';
import type { NodeSystem } from '../system/node-system.js';
import type { CommandIo, CommandTable, Shell } from './command.js';
import { expandWords } from './expand-word.js';
import { parseScript } from './parse-script.js';
import { findProgram, LOCAL_PATH, SYSTEM_PATH } from './program-search.js';
import { redirect } from './redirect.js';
import { runProgram } from './run-program.js';
import { LoopJump, ShellExit } from './shell-jump.js';
import type { Pipeline, Script, ShellCommand, SimpleCommand } from './shell-script.js';
import { ShellSyntaxError } from './shell-word.js';
import { BufferedInput } from './standard-input.js';

const MAX_DEPTH = 40;

/**
 * A shell on the simulated node: variables, working directory, identity, and the running of scripts.
 *
 * @remarks A simulation of the part of `sh` that installation steps use; programs are those in its command table and
 * shell scripts that are in the image. Nothing ever runs on the host.
 */
export class ShellSession implements Shell {
  readonly variables: Map<string, string>;
  readonly files: NodeFiles;
  directory: string;
  status = 0;
  exitOnError = false;
  exitTrap: string | undefined;
  #tested = 0;

  constructor(
    readonly system: NodeSystem,
    readonly identity: Identity,
    readonly commands: CommandTable,
    readonly position: { readonly name: string; readonly args: readonly string[] } = { name: 'sh', args: [] },
    private readonly depth = 0,
    /** Fires when this shell is killed, or its node goes down. */
    readonly signal: AbortSignal = system.signal,
  ) {
    this.files = system.files(identity);
    this.directory = identity.home;
    this.variables = new Map([
      ['HOME', identity.home],
      ['USER', identity.name],
      ['LOGNAME', identity.name],
      ['SHELL', identity.shell],
      ['PATH', [...LOCAL_PATH, ...SYSTEM_PATH].join(':')],
    ]);
  }

  /** A shell of its own that starts where this one is; with another identity for sudo. */
  fork(identity = this.identity, position = this.position): ShellSession {
    const child = new ShellSession(
      this.system,
      identity,
      this.commands,
      position,
      this.depth + 1,
      this.signal,
    );
    child.directory = this.directory;
    if (identity === this.identity)
      for (const [name, value] of this.variables) child.variables.set(name, value);
    return child;
  }

  /** An absolute path from one as it was given. */
  path(argument: string): string {
    return normalize(argument.startsWith('/') ? argument : `${this.directory}/${argument}`);
  }

  /** Runs a script's text to its end, its `trap ... EXIT` included. @returns the exit status. */
  async run(source: string, io: CommandIo): Promise<number> {
    if (this.depth > MAX_DEPTH) {
      io.err('sh: 1: too many nested shells\n');
      return 2;
    }
    let status = await this.#catchExit(async () => this.#script(parseScript(source), io), io);
    if (this.exitTrap !== undefined) {
      const trap = this.exitTrap;
      this.exitTrap = undefined;
      this.status = status;
      try {
        await this.#script(parseScript(trap), io);
      } catch (error) {
        if (!(error instanceof ShellExit)) throw error;
        status = error.status; // only an `exit` in the trap changes how the shell ends
      }
    }
    return status;
  }

  /** Runs a script's text inside this shell, as `.` and `eval` do. */
  runHere(source: string, io: CommandIo): Promise<number> {
    return this.#script(parseScript(source), io);
  }

  /** Runs one program with its arguments; it is among the system's processes meanwhile. */
  async runProgram(argv: readonly string[], io: CommandIo): Promise<number> {
    const process = [...argv];
    this.system.processes.add(process);
    try {
      return await runProgram(this, argv, io);
    } finally {
      this.system.processes.delete(process);
    }
  }

  /** Where a program is found, as `command -v` says it. */
  async which(name: string): Promise<string | undefined> {
    if (name.includes('/')) return (await this.files.exists(this.path(name))) ? name : undefined;
    const file = await findProgram(this.files, name, [...LOCAL_PATH, ...SYSTEM_PATH]);
    return file ?? (Object.hasOwn(this.commands, name) ? `/usr/bin/${name}` : undefined);
  }

  async #catchExit(run: () => Promise<number>, io: CommandIo): Promise<number> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof ShellExit) return error.status;
      if (error instanceof LoopJump) return 0;
      if (!(error instanceof ShellSyntaxError)) throw error;
      io.err(`sh: 1: ${error.message}\n`);
      return 2;
    }
  }

  async #script(script: Script, io: CommandIo): Promise<number> {
    for (const [index, { when, pipeline }] of script.entries()) {
      if ((when === 'success' && this.status !== 0) || (when === 'failure' && this.status === 0)) continue;
      const followed = (script[index + 1]?.when ?? 'always') !== 'always';
      const tested = followed || pipeline.negated;
      if (tested) this.#tested += 1;
      try {
        this.status = await this.#pipeline(pipeline, io);
      } finally {
        if (tested) this.#tested -= 1;
      }
      if (this.status !== 0 && this.exitOnError && this.#tested === 0 && !tested)
        throw new ShellExit(this.status);
    }
    return script.length === 0 ? 0 : this.status;
  }

  async #pipeline({ commands, negated }: Pipeline, io: CommandIo): Promise<number> {
    let { input } = io;
    let status = 0;
    for (const [index, command] of commands.entries()) {
      if (index === commands.length - 1) {
        if (commands.length === 1) status = await this.#command(command, io);
        else {
          const child = this.fork();
          const ends = { ...io, input };
          status = await this.#catchExit(() => child.#command(command, ends), io);
        }
        continue;
      }
      const pieces: Buffer[] = [];
      const out = (data: string | Uint8Array): void => void pieces.push(Buffer.from(data as string));
      const child = this.fork();
      await this.#catchExit(() => child.#command(command, { ...io, input, out }), io);
      input = new BufferedInput(Buffer.concat(pieces));
    }
    return negated ? Number(status === 0) : status;
  }

  async #command(command: ShellCommand, io: CommandIo): Promise<number> {
    const opened = await redirect(this, command.redirections, io);
    if (typeof opened === 'number') return opened;
    try {
      return await this.#body(command, opened.io);
    } finally {
      await opened.close();
    }
  }

  async #body(command: ShellCommand, io: CommandIo): Promise<number> {
    switch (command.kind) {
      case 'simple':
        return this.#simple(command, io);
      case 'group': {
        if (!command.subshell) return this.#script(command.body, io);
        const child = this.fork();
        return this.#catchExit(() => child.#script(command.body, io), io);
      }
      case 'if':
        for (const { condition, body } of command.branches)
          if ((await this.#condition(condition, io)) === 0) return this.#script(body, io);
        return command.otherwise === undefined ? 0 : this.#script(command.otherwise, io);
      case 'loop': {
        const goesOn = async (): Promise<boolean> =>
          ((await this.#condition(command.condition, io)) === 0) !== command.until;
        return this.#repeat(goesOn, () => this.#script(command.body, io));
      }
      case 'for': {
        const { words } = command;
        const values = words === undefined ? [...this.position.args] : await expandWords(this, words, io);
        const next = (): boolean => {
          const value = values.shift();
          if (value !== undefined) this.variables.set(command.name, value);
          return value !== undefined;
        };
        return this.#repeat(next, () => this.#script(command.body, io));
      }
    }
  }

  async #repeat(goesOn: () => boolean | Promise<boolean>, body: () => Promise<number>): Promise<number> {
    let status = 0;
    while (await goesOn()) {
      this.signal.throwIfAborted();
      try {
        status = await body();
      } catch (error) {
        if (!(error instanceof LoopJump)) throw error;
        if (error.kind === 'break') break;
      }
    }
    return status;
  }

  async #condition(script: Script, io: CommandIo): Promise<number> {
    this.#tested += 1;
    try {
      return await this.#script(script, io);
    } finally {
      this.#tested -= 1;
    }
  }

  async #simple(command: SimpleCommand, io: CommandIo): Promise<number> {
    const argv = await expandWords(this, command.words, io);
    const values = new Map<string, string>();
    for (const { name, value } of command.assignments)
      values.set(name, (await expandWords(this, [value], io, { split: false })).join(' '));
    const before = new Map([...values.keys()].map((name) => [name, this.variables.get(name)]));
    for (const [name, value] of values) this.variables.set(name, value);
    if (argv.length === 0) return values.size > 0 ? this.status : 0;
    try {
      return await this.runProgram(argv, io);
    } finally {
      for (const [name, value] of before)
        if (value === undefined) this.variables.delete(name);
        else this.variables.set(name, value);
    }
  }
}
