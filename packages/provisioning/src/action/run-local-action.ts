import { z } from 'zod';
import { defined } from '../workflow/defined.js';
import type { ActionEnvironment, ActionInputEnvironment, PostInstallAction } from './post-install-action.js';
import { RECORDED_OUTPUT_BYTES, type RecordedResult, recordedResult } from './recorded-result.js';
import type { RunCommandOptions } from './run-command-options.js';

export interface RunLocalInput extends Omit<RunCommandOptions, 'sudo'> {
  readonly command: readonly string[];
}

/** Runs a program on this computer: an argument list, no shell. */
export class RunLocalAction implements PostInstallAction<RunLocalInput> {
  readonly id = 'runLocal';
  readonly title = 'runs a program on this computer';
  readonly place = 'local';
  readonly schema = z
    .array(z.string(), 'expected a list of a program and its arguments')
    .min(1)
    .transform((command): RunLocalInput => ({ command }));
  readonly method = {
    name: 'local.runCommand',
    input: (command: readonly string[], options: RunCommandOptions = {}): RunLocalInput => ({
      ...options,
      command,
    }),
  } as const;

  note({ command }: RunLocalInput): string {
    return command.join(' ');
  }

  async inputs({ command, input, allowFailure }: RunLocalInput, { digest }: ActionInputEnvironment) {
    return {
      command: [...command],
      ...(input !== undefined && { input: await digest(input) }),
      ...(allowFailure !== undefined && { allowFailure }),
    };
  }

  async perform(
    { command, input, timeoutMs, allowFailure }: RunLocalInput,
    { signal, local }: ActionEnvironment,
  ): Promise<RecordedResult> {
    const options = defined({ input, timeoutMs, allowFailure });
    return recordedResult(
      await local.run(command, { signal, maxOutputBytes: RECORDED_OUTPUT_BYTES, ...options }),
    );
  }
}
