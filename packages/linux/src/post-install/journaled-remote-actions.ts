import type { CommandResult } from '@turingpi/runtime';
import type { RemoteActions, RunCommandOptions } from '@turingpi/provisioning';
import { checkPackageName } from '../first-boot/first-boot-service.js';
import type { ActionRecorder } from './action-recorder.js';
import { aptInstall, aptUpdate } from './apt-command.js';
import { RECORDED_OUTPUT_BYTES } from './journaled-local-actions.js';
import type { LazySession } from './lazy-session.js';

const THIRTY_MINUTES_MS = 1_800_000;

/** Actions on the node. */
export class JournaledRemoteActions implements RemoteActions {
  constructor(
    private readonly recorder: ActionRecorder,
    private readonly session: LazySession,
  ) {}

  async runCommand(
    command: string | readonly string[],
    options: RunCommandOptions = {},
  ): Promise<CommandResult> {
    const { recorder } = this;
    const { input, timeoutMs, allowFailure, sudo = true } = options;
    const inputs = {
      command: typeof command === 'string' ? command : [...command],
      input: input === undefined ? undefined : await recorder.digest(input),
      allowFailure,
      sudo,
    };
    const note = typeof command === 'string' ? command : command.join(' ');
    return recorder.perform('remote.runCommand', inputs, note, async () => {
      const session = await this.session.open();
      return recorder.result(
        await session.exec(command, {
          signal: recorder.signal,
          sudo,
          maxOutputBytes: RECORDED_OUTPUT_BYTES,
          ...(input !== undefined && { input }),
          ...(timeoutMs !== undefined && { timeoutMs }),
          ...(allowFailure !== undefined && { allowFailure }),
        }),
      );
    });
  }

  async writeFile(
    path: string,
    content: string | Uint8Array,
    options: { readonly mode?: number } = {},
  ): Promise<void> {
    const { recorder } = this;
    const { mode = 0o644 } = options;
    const inputs = { path, mode, content: await recorder.digest(content) };
    await recorder.perform('remote.writeFile', inputs, path, async () => {
      const session = await this.session.open();
      await session.writeFile(path, content, { signal: recorder.signal, mode, sudo: true });
      return true;
    });
  }

  readFile(path: string): Promise<string> {
    const { recorder } = this;
    return recorder.perform('remote.readFile', { path }, path, async () => {
      const session = await this.session.open();
      const content = await session.readFile(path, {
        signal: recorder.signal,
        sudo: true,
        maxBytes: RECORDED_OUTPUT_BYTES,
      });
      return recorder.redact(content.toString('utf8'));
    });
  }

  async aptInstall(...packages: readonly string[]): Promise<void> {
    for (const name of packages) checkPackageName(name);
    if (packages.length === 0) return;
    const { recorder } = this;
    await recorder.perform('remote.aptInstall', { packages: [...packages] }, packages.join(' '), async () => {
      const session = await this.session.open();
      const options = {
        signal: recorder.signal,
        sudo: true,
        timeoutMs: THIRTY_MINUTES_MS,
        maxOutputBytes: RECORDED_OUTPUT_BYTES,
      } as const;
      await session.exec(aptUpdate(), options);
      await session.exec(aptInstall(packages), options);
      return true;
    });
  }

  async reboot(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    await this.recorder.perform('remote.reboot', {}, '', async () => {
      await this.session.reboot(options.timeoutMs);
      return true;
    });
  }
}
