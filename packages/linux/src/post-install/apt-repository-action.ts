import { readFile } from 'node:fs/promises';
import { localPath, resolvePath } from '@turingpi/core/plugin';
import {
  type ActionEnvironment,
  type ActionInputEnvironment,
  type ChangeResult,
  fileChange,
  LookingAction,
  type PendingChange,
  ProvisioningError,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { aptSourceKeys, type AptSource, renderAptSource } from './apt-source.js';
import { allOf } from './all-of.js';
import { APT_LIMITS, aptUpdate } from './apt-command.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Adds a repository of packages, with the key that signs it. */
    aptRepository(wanted: AptRepositoryInput): Promise<ChangeResult>;
  }
}

export interface AptRepositoryInput extends AptSource {
  /** Of the files below `/etc/apt`. */
  readonly name: string;
  /** A file of this computer with the key that signs it: armoured (`.asc`), or binary (`.gpg`). */
  readonly keyFile: string;
}

/** Adds a repository of packages in the deb822 format, signed by a key of its own. */
export class AptRepositoryAction extends LookingAction<AptRepositoryInput> {
  readonly id = 'aptRepository';
  readonly title = 'adds a repository of packages';
  readonly schema = z.strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'expected lower-case letters, digits and hyphens'),
    keyFile: localPath,
    ...aptSourceKeys,
  });

  localFiles({ keyFile }: AptRepositoryInput) {
    return [{ path: ['keyFile'], file: keyFile }];
  }

  note({ name }: AptRepositoryInput): string {
    return name;
  }

  /** @throws ProvisioningError `LOCAL_FILE_NOT_FOUND` */
  async inputs(input: AptRepositoryInput, environment: ActionInputEnvironment) {
    const key = await keyOf(input, environment);
    return { name: input.name, source: renderAptSource(input, ''), key: await environment.digest(key) };
  }

  protected async look(
    input: AptRepositoryInput,
    environment: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const { session, signal } = environment;
    const node = await session();
    const key = await keyOf(input, environment);
    const suffix = key.subarray(0, 5).toString('latin1') === '-----' ? 'asc' : 'gpg'; // apt goes by the name
    const keyring = `/etc/apt/keyrings/${input.name}.${suffix}`;
    const file = (path: string, content: string | Uint8Array) =>
      fileChange(node, { path, content, mode: 0o644, owner: 'root:root' }, signal);
    const change = allOf([
      await file(keyring, key),
      await file(`/etc/apt/sources.list.d/${input.name}.sources`, renderAptSource(input, keyring)),
    ]);
    if (change === undefined) return undefined;
    return {
      diff: change.diff,
      make: async () => {
        await change.make();
        await node.exec(aptUpdate(), { signal, ...APT_LIMITS });
      },
    };
  }
}

async function keyOf(
  { keyFile }: AptRepositoryInput,
  { baseDir }: Pick<ActionInputEnvironment, 'baseDir'>,
): Promise<Buffer> {
  const file = resolvePath(baseDir, keyFile);
  return readFile(file).catch((cause: unknown) => {
    throw new ProvisioningError('LOCAL_FILE_NOT_FOUND', `the key ${file} cannot be read`, {
      cause,
      hint: `Relative paths start from ${baseDir}.`,
    });
  });
}
