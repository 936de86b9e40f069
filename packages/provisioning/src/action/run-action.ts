import { describeCommand, RuntimeError, type SshSession } from '@turingpi/runtime';
import { z } from 'zod';
import { defined } from '../workflow/defined.js';
import { nodePath } from './node-path.js';
import type { ActionEnvironment, ActionInputEnvironment, PostInstallAction } from './post-install-action.js';
import { RECORDED_OUTPUT_BYTES, type RecordedResult, recordedResult } from './recorded-result.js';
import type { RunOnNodeOptions } from './run-command-options.js';

export interface RunInput extends RunOnNodeOptions {
  readonly command: string | readonly string[];
}

/** How a command went; `changed` where it was looked first whether it is to run. */
export type RunResult = RecordedResult & { readonly changed?: boolean };

const command = z.union(
  [z.string().min(1), z.array(z.string()).min(1)],
  'expected a command line, or a list of a program and its arguments',
);

/** Runs a command on the node. */
export class RunAction implements PostInstallAction<RunInput> {
  readonly id = 'run';
  readonly title = 'runs a command on the node';
  readonly place = 'node';
  readonly schema = command.transform((given): RunInput => ({ command: given }));
  readonly options = {
    sudo: z.boolean().optional(),
    user: z.string().min(1).optional(),
    cwd: nodePath.optional(),
    env: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of a variable'), z.string())
      .optional(),
    creates: nodePath.optional(),
    unless: command.optional(),
    exitCodes: z.array(z.int().min(0).max(255)).min(1).optional(),
    timeoutMs: z.int().positive().optional(),
    onRepeat: z.enum(['run', 'ask']).optional(),
    once: z
      .string()
      .regex(/^[\w.-]+$/, 'expected a name of letters, digits, dots and hyphens')
      .optional(),
  };
  readonly method = {
    name: 'remote.runCommand',
    input: (given: RunInput['command'], options: RunOnNodeOptions = {}): RunInput => ({
      ...options,
      command: given,
    }),
  } as const;

  needsRoot({ sudo, user }: RunInput): boolean {
    return sudo !== false || user !== undefined;
  }

  note({ command: given }: RunInput): string {
    return typeof given === 'string' ? given : given.join(' ');
  }

  repetition({ creates, unless, onRepeat }: RunInput): 'run' | 'ask' {
    return onRepeat ?? (creates === undefined && unless === undefined ? 'ask' : 'run');
  }

  once({ once }: RunInput): string | undefined {
    return once;
  }

  /** Whether it may be repeated is no part of what it does: `onRepeat` and `once` are not among them. */
  async inputs(
    {
      command: given,
      input,
      allowFailure,
      sudo = true,
      user,
      cwd,
      env,
      creates,
      unless,
      exitCodes,
    }: RunInput,
    { digest }: ActionInputEnvironment,
  ) {
    return {
      command: typeof given === 'string' ? given : [...given],
      ...(input !== undefined && { input: await digest(input) }),
      ...(user !== undefined && { user }),
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env: await digest(JSON.stringify(Object.entries(env).sort())) }),
      ...(allowFailure !== undefined && { allowFailure }),
      ...(creates !== undefined && { creates }),
      ...(unless !== undefined && { unless: typeof unless === 'string' ? unless : [...unless] }),
      ...(exitCodes !== undefined && { exitCodes: [...exitCodes] }),
      sudo,
    };
  }

  /** @throws RuntimeError `COMMAND_FAILED` for an exit code that does not mean success, and as `exec` of the session. */
  async perform(asked: RunInput, { signal, session }: ActionEnvironment): Promise<RunResult> {
    const { command: given, input, timeoutMs, allowFailure, exitCodes } = asked;
    const node = await session();
    const looksFirst = asked.creates !== undefined || asked.unless !== undefined;
    if (looksFirst && (await isDone(node, asked, signal)))
      return { exitCode: 0, stdout: '', stderr: '', changed: false };
    const options = defined({
      input,
      timeoutMs,
      allowFailure: exitCodes === undefined ? allowFailure : true,
    });
    const result = recordedResult(
      await node.exec(given, {
        ...{ signal, maxOutputBytes: RECORDED_OUTPUT_BYTES, ...options },
        ...surroundingsOf(asked),
      }),
    );
    if (exitCodes !== undefined && allowFailure !== true && !exitCodes.includes(result.exitCode))
      throw unexpected(given, node.place, result, exitCodes);
    return looksFirst ? { ...result, changed: true } : result;
  }
}

/** As whom and where it runs, and what is asked beforehand too. */
function surroundingsOf({ sudo = true, user, cwd, env }: RunInput) {
  return { sudo, ...defined({ user, cwd, env }) };
}

async function isDone(node: SshSession, asked: RunInput, signal: AbortSignal): Promise<boolean> {
  const { creates, unless, sudo = true } = asked;
  const options = { signal, ...surroundingsOf(asked), allowFailure: true };
  if (creates !== undefined) {
    const there = await node.exec(['test', '-e', creates], { signal, sudo, allowFailure: true });
    if (there.exitCode === 0) return true;
  }
  return unless !== undefined && (await node.exec(unless, options)).exitCode === 0;
}

function unexpected(
  given: RunInput['command'],
  place: string,
  { exitCode, stderr }: RecordedResult,
  exitCodes: readonly number[],
): RuntimeError {
  const said = stderr.trim().split('\n').slice(-5).join('\n');
  return new RuntimeError(
    'COMMAND_FAILED',
    `${describeCommand(given)} ended with exit code ${exitCode} on ${place}, and not with ${exitCodes.join(' or ')}${said === '' ? '' : `:\n${said}`}`,
    { details: { place, exitCode } },
  );
}
