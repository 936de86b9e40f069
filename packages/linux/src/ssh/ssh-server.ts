import type { ImageFiles } from '@turingpi/image';
import type { ImageNotice } from '@turingpi/provisioning';
import { LinuxError } from '../linux-error.js';
import { enableUnit, isUnitEnabled, unitExists } from '../systemd/units.js';
import { findSshdContradictions, type SshdContradiction, type SshLogin } from './sshd-access.js';
import { readSshdConfig, SERVICE_OPTIONS, SSHD_CONFIG, type SshdSetting } from './sshd-config.js';
import { findForeignPort, findSshdMisfits, type SshPlace } from './sshd-place.js';

export interface SshServerSettings {
  /** Undefined leaves to the image whether passwords let in. */
  readonly passwordAuthentication: boolean | undefined;
  /** Only needed when somebody logs in as root with a password. */
  readonly permitRootPassword: boolean;
}

const DIRECTORY = '/etc/ssh/sshd_config.d';
/** Names for our part: the first one that sorts before everything that the image has. */
const NAMES = ['10-turingpi.conf', '00-turingpi.conf', '00-00-turingpi.conf', '!turingpi.conf'] as const;

/**
 * Renders our part of sshd's configuration; the first value said wins, so the file's name must sort early.
 *
 * @param remedies - further settings for everybody
 * @param own - settings for one user, over those of the image's `Match` blocks
 */
export function renderSshdDropIn(
  settings: SshServerSettings,
  remedies: readonly string[] = [],
  own?: { readonly username: string; readonly settings: readonly string[] },
): string {
  const { passwordAuthentication, permitRootPassword } = settings;
  const word = passwordAuthentication === true ? 'yes' : 'no';
  return [
    ...(passwordAuthentication === undefined
      ? []
      : [`PasswordAuthentication ${word}`, `KbdInteractiveAuthentication ${word}`]),
    ...(permitRootPassword ? ['PermitRootLogin yes'] : []),
    ...remedies,
    ...(own && own.settings.length > 0
      ? [`Match User ${own.username}`, ...own.settings.map((setting) => `    ${setting}`)]
      : []),
    '',
  ].join('\n');
}

/** Who is to get in, where. */
export interface SshAccess {
  /** Undefined when no user is asked for. */
  readonly login: SshLogin | undefined;
  readonly place: SshPlace;
}

/**
 * Writes the settings so that they win over what the image says (a hardened one may keep out whom it is made for), makes
 * sure that sshd reads them, and that it starts at boot.
 *
 * @returns What the image said otherwise, apart from the settings themselves.
 * @throws LinuxError `SSHD_CONTRADICTS` for what no setting of ours can win over.
 */
export async function applySshServer(
  root: ImageFiles,
  settings: SshServerSettings,
  { login, place }: SshAccess,
): Promise<ImageNotice[]> {
  for (const name of NAMES) await root.remove(`${DIRECTORY}/${name}`);
  const config = await readSshdConfig(root);
  const said = renderSshdDropIn(settings).split('\n');
  const misfits = findSshdMisfits(config, place);
  const found = login
    ? findSshdContradictions(config, login).filter(
        ({ setting, remedy = '' }) =>
          remedy !== '' && (setting.match !== undefined || !said.includes(remedy)),
      )
    : [];
  const remediesOf = (isOwn: boolean): string[] =>
    found.filter(({ setting }) => (setting.match !== undefined) === isOwn).map(({ remedy = '' }) => remedy);
  const general = [...misfits.flatMap(({ remedies }) => remedies), ...remediesOf(false)];
  const own = login && { username: login.username, settings: [...new Set(remediesOf(true))] };
  const text = renderSshdDropIn(settings, [...new Set(general)], own);
  if (text !== '') await writeDropIn(root, text);
  const left = login ? await checkSshServer(root, login) : [];
  if (settings.passwordAuthentication !== undefined) await startAtBoot(root);
  const port = findForeignPort(config);
  return [
    ...(port ? [{ file: placeOf(port), message: `'${textOf(port)}': give the node the same ssh.port` }] : []),
    ...misfits.map(({ setting, remedies }) => noticeOf(setting, remedies)),
    ...found.map(({ setting, remedy = '' }) => noticeOf(setting, [remedy])),
    ...left,
  ];
}

async function writeDropIn(root: ImageFiles, text: string): Promise<void> {
  const others = (await root.exists(DIRECTORY))
    ? (await root.list(DIRECTORY)).map(({ name }) => name).filter((name) => name.endsWith('.conf'))
    : [];
  const name = NAMES.find((candidate) => others.every((other) => candidate < other)) ?? NAMES[3];
  const path = `${DIRECTORY}/${name}`;
  await root.writeFile(path, text, { mode: 0o644 });
  const first = (await readSshdConfig(root)).find(({ file }) => file !== SERVICE_OPTIONS);
  const main = await root.readText(SSHD_CONFIG);
  if (first?.file === path || main === undefined) return;
  // Something is said before the directory is read, or it is not read at all. Not the whole directory is included then:
  // what sshd did not read so far is not asked for.
  await root.writeFile(SSHD_CONFIG, `Include ${path}\n${main}`);
}

/**
 * Makes sure that a login that was asked for is possible with the SSH configuration of an image as it is.
 *
 * @returns What may keep the user out, depending on where the login comes from.
 * @throws LinuxError `SSHD_CONTRADICTS` naming the file and line that keep the user out.
 */
export async function checkSshServer(root: ImageFiles, login: SshLogin): Promise<ImageNotice[]> {
  const found = findSshdContradictions(await readSshdConfig(root), login);
  const fatal = found.filter(({ certain }) => certain);
  if (fatal.length > 0) throw contradiction(fatal, login);
  return found.map(({ setting }) => ({
    file: placeOf(setting),
    message: `'${textOf(setting)}' may keep ${login.username} out, depending on where a login comes from`,
  }));
}

function contradiction(found: readonly SshdContradiction[], { username }: SshLogin): LinuxError {
  const places = found.map(({ setting }) => `${placeOf(setting)} says '${textOf(setting)}'`);
  return new LinuxError(
    'SSHD_CONTRADICTS',
    `the SSH server of the image would not let ${username} in as asked: ${places.join('; ')}`,
    {
      hint: "Change the file, for example with the workflow's files, or ask for what it allows (passwordAuthentication, another user).",
      details: { files: found.map(({ setting }) => setting.file) },
    },
  );
}

function noticeOf(setting: SshdSetting, remedies: readonly string[]): ImageNotice {
  return {
    file: placeOf(setting),
    message: `'${textOf(setting)}' is overruled by '${remedies.join("', '")}', for the node to let in as asked`,
  };
}

function placeOf({ file, line }: SshdSetting): string {
  return `${file}:${line}`;
}

function textOf({ keyword, values }: SshdSetting): string {
  return [keyword, ...values].join(' ');
}

async function startAtBoot(root: ImageFiles): Promise<void> {
  const enabled = (await isUnitEnabled(root, 'ssh.service')) || (await isUnitEnabled(root, 'ssh.socket'));
  if (!enabled && (await unitExists(root, 'ssh.service'))) await enableUnit(root, 'ssh.service');
  await root.remove('/etc/ssh/sshd_not_to_be_run');
}
