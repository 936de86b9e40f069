import {
  type ActionEnvironment,
  type ActionInputEnvironment,
  type ChangeResult,
  fileChange,
  LookingAction,
  lookAtPath,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { LinuxError } from '../linux-error.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Writes rules of sudo into a file of their own, once visudo has found nothing wrong in them. */
    sudoers(wanted: SudoersInput): Promise<ChangeResult>;
  }
}

export interface SudoersInput {
  /** Of the file in `/etc/sudoers.d`. */
  readonly name: string;
  /** Its rules. Left out: there is to be no such file. */
  readonly content?: string | undefined;
}

/** Writes rules of sudo into a file of their own. */
export class SudoersAction extends LookingAction<SudoersInput> {
  readonly id = 'sudoers';
  readonly title = 'writes rules of sudo, checked by visudo';
  readonly schema = z.strictObject({
    // sudo leaves out files with a dot or a ~ in their names.
    name: z.string().regex(/^[A-Za-z0-9_-]+$/, 'expected letters, digits, - and _: sudo reads no other file'),
    content: z.string().min(1).optional(),
  });

  note({ name }: SudoersInput): string {
    return name;
  }

  async inputs({ name, content }: SudoersInput, { digest }: ActionInputEnvironment) {
    return { name, ...(content !== undefined && { content: await digest(content) }) };
  }

  /** @throws LinuxError `SUDOERS_INVALID`; nothing is written then. */
  protected async look(
    { name, content }: SudoersInput,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const path = `/etc/sudoers.d/${name}`;
    if (content === undefined) {
      if ((await lookAtPath(node, path, { signal })) === undefined) return undefined;
      return {
        make: async () => {
          await node.exec(['rm', '-f', '--', path], { signal, sudo: true });
        },
      };
    }
    const text = content.endsWith('\n') ? content : `${content}\n`;
    const change = await fileChange(node, { path, content: text, mode: 0o440, owner: 'root:root' }, signal);
    if (change === undefined) return undefined;
    const options = { signal, sudo: true, allowFailure: true, input: text };
    const { exitCode, stdout, stderr } = await node.exec(['visudo', '-c', '-f', '-'], options);
    if (exitCode === 0) return change;
    throw new LinuxError('SUDOERS_INVALID', `visudo on ${node.place} refuses the rules for ${path}`, {
      hint: `Nothing was written. It says: ${(stderr.trim() || stdout.trim()).slice(0, 500)}`,
    });
  }
}
