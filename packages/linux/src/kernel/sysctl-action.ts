import {
  type ActionEnvironment,
  type ChangeResult,
  editedFile,
  lineInText,
  LookingAction,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { LinuxError } from '../linux-error.js';
import { allOf } from '../post-install/all-of.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Sets parameters of the kernel, at once and for good: `{ 'net.ipv4.ip_forward': 1 }`. */
    sysctl(settings: SysctlInput): Promise<ChangeResult>;
  }
}

/** Values by name. */
export type SysctlInput = Readonly<Record<string, string | number>>;

const FILE = '/etc/sysctl.d/90-turingpi.conf';
const READ = 'for k; do printf "%s\\n" "$(sysctl -n -- "$k" 2>/dev/null)"; done';

const key = z
  .string()
  .regex(/^[a-z0-9_]+([./][A-Za-z0-9_.:*-]+)+$/, 'expected a name such as net.ipv4.ip_forward');
/** To YAML some of these are truth values and some are texts; the kernel knows none of them. */
const YES_OR_NO = /^(?:true|false|yes|no)$/i;
const ONE_OR_ZERO = 'expected a number or a text of one line; for yes and no the kernel has 1 and 0';
const value = z.union(
  [
    z.int(),
    z
      .string()
      .regex(/^[^\r\n]+$/, ONE_OR_ZERO)
      .refine((text) => !YES_OR_NO.test(text), ONE_OR_ZERO),
  ],
  ONE_OR_ZERO,
);

/** Sets parameters of the kernel, at once and for good. */
export class SysctlAction extends LookingAction<SysctlInput> {
  readonly id = 'sysctl';
  readonly title = 'sets parameters of the kernel';
  readonly schema = z
    .record(key, value)
    .refine((settings) => Object.keys(settings).length > 0, 'expected at least one parameter');

  note(settings: SysctlInput): string {
    return Object.keys(settings).join(' ');
  }

  inputs(settings: SysctlInput) {
    return { settings: { ...settings } };
  }

  /** @throws LinuxError `SYSCTL_UNKNOWN` for a parameter that the node's kernel does not have. */
  protected async look(
    settings: SysctlInput,
    environment: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const { session, signal } = environment;
    const node = await session();
    const keys = Object.keys(settings);
    const { stdout } = await node.exec(['sh', '-c', READ, 'sh', ...keys], { signal, sudo: true });
    const now = stdout.split('\n');
    const different = keys.flatMap((name, at) => {
      const is = plain(now[at] ?? '');
      if (is === '')
        throw new LinuxError('SYSCTL_UNKNOWN', `the kernel of ${node.place} has no parameter ${name}`, {
          hint: 'Is it spelt right, and is the module loaded that brings it?',
        });
      return is === plain(String(settings[name])) ? [] : [name];
    });
    return allOf([
      await editedFile(
        { path: FILE, create: true, edit: (text) => withSettings(text, settings) },
        environment,
      ),
      different.length === 0
        ? undefined
        : {
            make: async () => {
              const assignments = different.map((name) => `${name}=${settings[name] ?? ''}`);
              await node.exec(['sysctl', '-w', ...assignments], { signal, sudo: true });
            },
          },
    ]);
  }
}

function withSettings(text: string, settings: SysctlInput): string {
  return Object.entries(settings).reduce((rest, [name, wanted]) => {
    const escaped = name.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
    return lineInText(rest, { line: `${name} = ${wanted}`, match: `^\\s*${escaped}\\s*=` });
  }, text);
}

/** The kernel separates several numbers by tabs. */
function plain(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
