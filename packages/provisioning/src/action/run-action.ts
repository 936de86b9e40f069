import { z } from 'zod';
import { defined } from '../workflow/defined.js';
import type { ActionEnvironment, ActionInputEnvironment, PostInstallAction } from './post-install-action.js';
import { RECORDED_OUTPUT_BYTES, type RecordedResult, recordedResult } from './recorded-result.js';
import type { RunCommandOptions } from './run-command-options.js';

export interface RunInput extends RunCommandOptions {
  readonly command: string | readonly string[];
}

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
  readonly options = { sudo: z.boolean().optional() };
  readonly method = {
    name: 'remote.runCommand',
    input: (given: RunInput['command'], options: RunCommandOptions = {}): RunInput => ({
      ...options,
      command: given,
    }),
  } as const;

  needsRoot({ sudo }: RunInput): boolean {
    return sudo !== false;
  }

  note({ command: given }: RunInput): string {
    return typeof given === 'string' ? given : given.join(' ');
  }

  async inputs(
    { command: given, input, allowFailure, sudo = true }: RunInput,
    { digest }: ActionInputEnvironment,
  ) {
    return {
      command: typeof given === 'string' ? given : [...given],
      ...(input !== undefined && { input: await digest(input) }),
      ...(allowFailure !== undefined && { allowFailure }),
      sudo,
    };
  }

  async perform(
    { command: given, input, timeoutMs, allowFailure, sudo = true }: RunInput,
    { signal, session }: ActionEnvironment,
  ): Promise<RecordedResult> {
    const node = await session();
    const options = defined({ input, timeoutMs, allowFailure });
    return recordedResult(
      await node.exec(given, { signal, sudo, maxOutputBytes: RECORDED_OUTPUT_BYTES, ...options }),
    );
  }
}
