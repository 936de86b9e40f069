import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { platform } from 'node:process';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { CommandResult, LocalRuntime } from '@turingpi/runtime';
import type { LocalActions, RunCommandOptions } from '@turingpi/provisioning';

import { LinuxError } from '../linux-error.js';
import { type ActionRecorder, ON_THIS_MACHINE } from './action-recorder.js';
import type { LazySession } from './lazy-session.js';

/** Bytes of output that are kept of one command: they go into the state file. */
export const RECORDED_OUTPUT_BYTES = 1024 * 1024;

async function fileDigest(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal }).catch((error: unknown) => {
    signal.throwIfAborted(); // a pipeline wraps the reason of an abort
    throw error;
  });
  return hash.digest('hex');
}

/** Actions of the user's own machine. */
export class JournaledLocalActions implements LocalActions {
  constructor(
    private readonly recorder: ActionRecorder,
    private readonly runtime: LocalRuntime,
    private readonly session: LazySession,
  ) {}

  async runCommand(command: readonly string[], options: RunCommandOptions = {}): Promise<CommandResult> {
    const { recorder } = this;
    const { input, timeoutMs, allowFailure } = options;
    const inputs = {
      command: [...command],
      input: input === undefined ? undefined : await recorder.digest(input),
      allowFailure,
    };
    return recorder.perform(ON_THIS_MACHINE, inputs, command.join(' '), async () =>
      recorder.result(
        await this.runtime.run(command, {
          signal: recorder.signal,
          maxOutputBytes: RECORDED_OUTPUT_BYTES,
          ...(input !== undefined && { input }),
          ...(timeoutMs !== undefined && { timeoutMs }),
          ...(allowFailure !== undefined && { allowFailure }),
        }),
      ),
    );
  }

  async copyFile(
    source: string,
    target: string,
    options: { readonly toRemote: true; readonly mode?: number },
  ): Promise<void> {
    const { recorder } = this;
    const path = resolve(source);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile())
      throw new LinuxError(
        'LOCAL_FILE_NOT_FOUND',
        `the file to copy, ${path}, does not exist${found ? ' as a file' : ''}`,
        {
          hint: 'Relative paths start from the working directory.',
        },
      );
    // Windows has no permission bits worth copying.
    const mode = options.mode ?? (platform === 'win32' ? 0o644 : found.mode & 0o777);
    const sha256 = await fileDigest(path, recorder.signal);
    await recorder.perform('local.copyFile', { sha256, target, mode }, target, async () => {
      const session = await this.session.open();
      await session.upload(path, target, { signal: recorder.signal, mode, sudo: true });
      return true;
    });
  }
}
