import {
  type ActionEnvironment,
  type ChangeResult,
  LookingAction,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { checkPackageName } from '../first-boot/first-boot-service.js';
import { APT_LIMITS, aptInstall, aptUpdate, hasChanged } from './apt-command.js';
import { checked } from './checked.js';
import { isInstalled, knownPackages } from './package-state.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Installs packages with apt, those that are not there. @throws LinuxError `PACKAGE_NAME_INVALID` */
    aptInstall(...packages: readonly string[]): Promise<ChangeResult | undefined>;
  }
}

export const packageName = checked(checkPackageName);

/** Brings apt's lists up to date and installs packages; what is installed already is left as it is. */
export class AptAction extends LookingAction<readonly string[]> {
  readonly id = 'apt';
  readonly title = 'installs packages with apt';
  readonly schema = z.array(packageName, 'expected a list of packages').min(1);
  readonly method = {
    name: 'remote.aptInstall',
    input: (...packages: readonly string[]) => {
      for (const name of packages) checkPackageName(name);
      return packages.length === 0 ? undefined : packages;
    },
  } as const;

  note(packages: readonly string[]): string {
    return packages.join(' ');
  }

  inputs(packages: readonly string[]) {
    return { packages: [...packages] };
  }

  protected async look(
    packages: readonly string[],
    { signal, session }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const known = await knownPackages(node, packages, signal);
    const missing = packages.filter((name) => !isInstalled(name, known));
    if (missing.length === 0) return undefined;
    return {
      diff: missing.map((name) => `+ ${name}`).join('\n'),
      make: async () => {
        const options = { signal, ...APT_LIMITS };
        await node.exec(aptUpdate(), options);
        return hasChanged((await node.exec(aptInstall(packages), options)).stdout);
      },
    };
  }
}
