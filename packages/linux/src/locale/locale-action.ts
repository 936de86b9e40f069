import {
  type ActionEnvironment,
  type ChangeResult,
  editedFile,
  lineInText,
  type PendingChange,
} from '@turingpi/provisioning';
import type { SshSession } from '@turingpi/runtime';
import { LinuxError } from '../linux-error.js';
import { allOf } from '../post-install/all-of.js';
import { checked } from '../post-install/checked.js';
import { NamedSettingAction } from '../post-install/named-setting-action.js';
import { checkLocale, isBuiltInLocale, listedLocale } from './locale.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Sets the system's language, for example `de_DE.UTF-8`, and makes the locale where it must be made. */
    locale(name: string): Promise<ChangeResult>;
  }
}

const TEN_MINUTES_MS = 600_000;

/** Sets the node's language. */
export class LocaleAction extends NamedSettingAction {
  readonly id = 'locale';
  readonly title = 'sets the language of the system';
  readonly schema = checked(checkLocale);

  /** @throws LinuxError `LOCALE_INVALID` when the node cannot make it. */
  protected async look(name: string, environment: ActionEnvironment): Promise<PendingChange | undefined> {
    const { session, signal } = environment;
    const node = await session();
    const isMissing = !isBuiltInLocale(name) && !(await hasLocale(node, name, signal));
    const set = await editedFile(
      {
        path: '/etc/default/locale',
        create: true,
        edit: (text) => lineInText(text, { line: `LANG=${name}`, match: '^LANG=' }),
      },
      environment,
    );
    if (!isMissing) return set;
    await assertGenerator(node, name, signal);
    const edit = (text: string) => listedLocale(text, name);
    return allOf([
      await editedFile({ path: '/etc/locale.gen', create: true, edit }, environment),
      {
        make: async () => {
          const options = { signal, sudo: true, timeoutMs: TEN_MINUTES_MS };
          await node.exec(['locale-gen'], options);
          if (!(await hasLocale(node, name, signal)))
            throw new LinuxError('LOCALE_INVALID', `locale-gen on ${node.place} made no ${name}`, {
              hint: 'Is it among those of /usr/share/i18n/SUPPORTED?',
            });
        },
      },
      set,
    ]);
  }
}

async function hasLocale(node: SshSession, name: string, signal: AbortSignal): Promise<boolean> {
  const { stdout } = await node.exec(['locale', '-a'], { signal, allowFailure: true });
  return stdout.split('\n').map(plain).includes(plain(name));
}

/** `de_DE.UTF-8` and `de_DE.utf8` are the same to the C library. */
function plain(locale: string): string {
  return locale.replace(
    /\.([A-Za-z0-9-]+)/,
    (_, charset: string) => `.${charset.toLowerCase().replaceAll('-', '')}`,
  );
}

async function assertGenerator(node: SshSession, name: string, signal: AbortSignal): Promise<void> {
  const ask = { signal, sudo: true, allowFailure: true };
  const known = await node.exec(['grep', '-qsF', `${name} `, '/usr/share/i18n/SUPPORTED'], ask);
  const generator = await node.exec('command -v locale-gen', ask);
  if (known.exitCode !== 0 || generator.exitCode !== 0)
    throw new LinuxError('LOCALE_INVALID', `${node.place} cannot make the locale ${name}`, {
      hint: 'Is it spelt as in /usr/share/i18n/SUPPORTED? That file and locale-gen are of the package `locales`.',
    });
}
