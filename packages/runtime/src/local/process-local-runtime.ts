import type { CommandResult } from '../command/command-result.js';
import { commandFailure, describeCommand } from '../command/command-failure.js';
import { commandTimeout } from '../command/command-timeout.js';
import { Deadline } from '../command/deadline.js';
import { OutputTail } from '../command/output-tail.js';
import { RuntimeError } from '../runtime-error.js';
import type { LocalRunOptions, LocalRuntime } from './local-runtime.js';

const TEN_MINUTES_MS = 600_000;
const EIGHT_MIB = 8 * 1024 * 1024;
const PLACE = 'this machine';

/** Runs programs as child processes of this one. */
export class ProcessLocalRuntime implements LocalRuntime {
  async run(command: readonly string[], options: LocalRunOptions = {}): Promise<CommandResult> {
    const [program, ...args] = command;
    if (program === undefined || program === '')
      throw new RuntimeError('COMMAND_INVALID', 'The command is empty: it needs at least a program.');
    const timeoutMs = options.timeoutMs ?? TEN_MINUTES_MS;
    using deadline = new Deadline(timeoutMs, options.signal);
    const stdout = new OutputTail(options.maxOutputBytes ?? EIGHT_MIB);
    const stderr = new OutputTail(options.maxOutputBytes ?? EIGHT_MIB);

    const { execa } = await import('execa'); // most runs start no program, and loading it takes long
    const child = execa(program, args, {
      reject: false,
      buffer: false,
      stdout: 'pipe',
      stderr: 'pipe',
      cancelSignal: deadline.signal,
      forceKillAfterDelay: 2_000,
      ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const ended = await child;

    if (deadline.expired) throw commandTimeout(command, PLACE, timeoutMs);
    options.signal?.throwIfAborted();
    if (ended.code === 'ENOENT' && ended.exitCode === undefined) throw notFound(program, options.cwd);
    if (ended.exitCode === undefined && ended.signal === undefined)
      throw new RuntimeError(
        'COMMAND_FAILED',
        `"${program}" on ${PLACE} could not be started: ${String(ended.code)}`,
        {
          details: { command: describeCommand(command), place: PLACE, reason: ended.code },
        },
      );
    const result = { exitCode: ended.exitCode ?? 128, stdout: stdout.text(), stderr: stderr.text() };
    if (options.allowFailure !== true && (result.exitCode !== 0 || ended.signal !== undefined))
      throw commandFailure({ ...result, command, place: PLACE, signal: ended.signal });
    return result;
  }
}

function notFound(program: string, cwd: string | undefined): RuntimeError {
  return new RuntimeError(
    'COMMAND_NOT_FOUND',
    `"${program}" cannot be run on ${PLACE}: there is no such program.`,
    {
      hint:
        cwd === undefined
          ? 'Install it, or give its absolute path.'
          : `Install it, give its absolute path, or check that the directory ${cwd} exists.`,
      details: { command: program, place: PLACE },
    },
  );
}
