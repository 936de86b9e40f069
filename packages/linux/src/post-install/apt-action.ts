import type { ActionEnvironment, PostInstallAction } from '@turingpi/provisioning';
import { z } from 'zod';
import { checkPackageName } from '../first-boot/first-boot-service.js';
import { LinuxError } from '../linux-error.js';
import { aptInstall, aptUpdate } from './apt-command.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Installs packages with apt. @throws LinuxError `PACKAGE_NAME_INVALID` */
    aptInstall(...packages: readonly string[]): Promise<void>;
  }
}

const THIRTY_MINUTES_MS = 1_800_000;
/** Of what apt says only an error is of use, and its end tells why. */
const OUTPUT_BYTES = 1024 * 1024;

const packageName = z.string().superRefine((name, context) => {
  try {
    checkPackageName(name);
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

/** Brings apt's lists up to date and installs packages. */
export class AptAction implements PostInstallAction<readonly string[]> {
  readonly id = 'apt';
  readonly title = 'installs packages with apt';
  readonly place = 'node';
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

  async perform(packages: readonly string[], { signal, session }: ActionEnvironment): Promise<true> {
    const node = await session();
    const options = {
      signal,
      sudo: true,
      timeoutMs: THIRTY_MINUTES_MS,
      maxOutputBytes: OUTPUT_BYTES,
    } as const;
    await node.exec(aptUpdate(), options);
    await node.exec(aptInstall(packages), options);
    return true;
  }
}
