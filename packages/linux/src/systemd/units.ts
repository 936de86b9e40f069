import type { SystemFiles } from '../network/system-files.js';
import { LinuxError } from '../linux-error.js';

const ADMIN = '/etc/systemd/system';
const DIRECTORIES = [ADMIN, '/usr/lib/systemd/system', '/lib/systemd/system'] as const;

/** `getty@tty1.service` is an instance of `getty@.service`. */
function templateOf(unit: string): string {
  return unit.replace(/@[^.]+\./, '@.');
}

async function findUnit(root: SystemFiles, unit: string): Promise<string | undefined> {
  for (const directory of DIRECTORIES)
    for (const name of [unit, templateOf(unit)])
      if (await root.exists(`${directory}/${name}`)) return `${directory}/${name}`;
  return undefined;
}

async function dependencyDirectories(root: SystemFiles): Promise<string[]> {
  if (!(await root.exists(ADMIN))) return [];
  const entries = await root.list(ADMIN);
  return entries
    .filter(({ name, type }) => type === 'directory' && /\.(wants|requires)$/.test(name))
    .map(({ name }) => `${ADMIN}/${name}`);
}

/** The values of a key in a unit's `[Install]` section, split at spaces. */
export function installValues(unitText: string, key: string): string[] {
  const section = /^\[Install\][^\S\n]*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(unitText)?.[1] ?? '';
  return [...section.matchAll(new RegExp(`^${key}\\s*=(.*)$`, 'gm'))].flatMap((match) =>
    (match[1] ?? '').trim().split(/\s+/).filter(Boolean),
  );
}

/** Whether a unit's file is in the image. */
export async function unitExists(root: SystemFiles, unit: string): Promise<boolean> {
  return (await findUnit(root, unit)) !== undefined;
}

/** Whether a unit is linked to start at boot and not masked. */
export async function isUnitEnabled(root: SystemFiles, unit: string): Promise<boolean> {
  if (await isUnitMasked(root, unit)) return false;
  for (const directory of await dependencyDirectories(root))
    if (await root.lstat(`${directory}/${unit}`)) return true;
  return false;
}

export async function isUnitMasked(root: SystemFiles, unit: string): Promise<boolean> {
  const path = `${ADMIN}/${unit}`;
  const stat = await root.lstat(path);
  return stat?.type === 'symlink' && (await root.readLink(path)) === '/dev/null';
}

/**
 * Makes a unit start at boot, as `systemctl enable --root` does: links from its `[Install]` section.
 *
 * @throws LinuxError `UNIT_NOT_FOUND`
 */
export async function enableUnit(root: SystemFiles, unit: string): Promise<void> {
  if (await isUnitMasked(root, unit)) await root.remove(`${ADMIN}/${unit}`);
  const path = await findUnit(root, unit);
  if (path === undefined)
    throw new LinuxError('UNIT_NOT_FOUND', `the image has no systemd unit ${unit}`, {
      hint: 'The package that brings it is not installed in the image.',
    });
  const text = (await root.readText(path)) ?? '';
  for (const [key, suffix] of [
    ['WantedBy', 'wants'],
    ['RequiredBy', 'requires'],
  ] as const)
    for (const target of installValues(text, key))
      await root.symlink(path, `${ADMIN}/${target}.${suffix}/${unit}`);
  for (const alias of installValues(text, 'Alias')) await root.symlink(path, `${ADMIN}/${alias}`);
}

/** Removes every link that starts the unit at boot, and its other names. The unit may be missing. */
export async function disableUnit(root: SystemFiles, unit: string): Promise<void> {
  for (const directory of await dependencyDirectories(root)) await root.remove(`${directory}/${unit}`);
  const path = await findUnit(root, unit);
  const text = path === undefined ? '' : ((await root.readText(path)) ?? '');
  for (const alias of installValues(text, 'Alias'))
    if ((await root.lstat(`${ADMIN}/${alias}`))?.type === 'symlink') await root.remove(`${ADMIN}/${alias}`);
}

/** Makes it impossible to start the unit at all. */
export async function maskUnit(root: SystemFiles, unit: string): Promise<void> {
  await disableUnit(root, unit);
  await root.symlink('/dev/null', `${ADMIN}/${unit}`);
}
