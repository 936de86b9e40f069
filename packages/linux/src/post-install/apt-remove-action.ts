import {
  type ActionEnvironment,
  type ChangeResult,
  LookingAction,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { packageName } from './apt-action.js';
import { APT_LIMITS, aptRemove, hasChanged } from './apt-command.js';
import { knownPackages } from './package-state.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Removes packages with apt; `purge`: their configuration files, too. */
    aptRemove(packages: readonly string[], options?: { readonly purge?: boolean }): Promise<ChangeResult>;
  }
}

export interface AptRemoveInput {
  readonly packages: readonly string[];
  /** Their configuration files go, too. */
  readonly purge?: boolean | undefined;
}

/** Removes packages with apt. */
export class AptRemoveAction extends LookingAction<AptRemoveInput> {
  readonly id = 'aptRemove';
  readonly title = 'removes packages with apt';
  readonly schema = z
    .array(packageName, 'expected a list of packages')
    .min(1)
    .transform((packages): AptRemoveInput => ({ packages }));
  readonly options = { purge: z.boolean().optional() };

  note({ packages }: AptRemoveInput): string {
    return packages.join(' ');
  }

  inputs({ packages, purge }: AptRemoveInput) {
    return { packages: [...packages], purge };
  }

  protected async look(
    { packages, purge = false }: AptRemoveInput,
    { signal, session }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const known = await knownPackages(node, packages, signal);
    const there = known.filter(({ isInstalled, hasFiles }) => isInstalled || (purge && hasFiles));
    if (there.length === 0) return undefined;
    return {
      diff: there.map(({ name }) => `- ${name}`).join('\n'),
      make: async () => {
        const names = [...new Set(there.map(({ name }) => name))];
        const { stdout } = await node.exec(aptRemove(names, purge), { signal, ...APT_LIMITS });
        return hasChanged(stdout) || purge;
      },
    };
  }
}
