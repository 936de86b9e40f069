import type { ImageFiles } from '@turingpi/image';

const ADMIN = '/etc/systemd/system';
const DIRECTORIES = [ADMIN, '/usr/lib/systemd/system', '/lib/systemd/system'] as const;

/** What `systemctl is-enabled` says. */
export type UnitState = 'enabled' | 'disabled' | 'masked' | 'static' | 'not-found';

/** A systemd unit as its file describes it. */
export interface UnitFile {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** The full name of a unit: `ssh` is `ssh.service`. */
export function unitName(name: string): string {
  return /\.(service|socket|target|timer|mount|path|slice|swap|device|automount)$/.test(name)
    ? name
    : `${name}.service`;
}

/** The values of a key in one section of a unit, split at spaces. */
export function unitValues(text: string, section: string, key: string): string[] {
  let current = '';
  const values: string[] = [];
  for (const line of text.split('\n')) {
    const heading = /^\[(.+)\]\s*$/.exec(line);
    if (heading?.[1] !== undefined) current = heading[1];
    else if (current === section && line.startsWith(`${key}=`))
      values.push(
        ...line
          .slice(key.length + 1)
          .split(/\s+/)
          .filter(Boolean),
      );
  }
  return values;
}

/** A whole value, spaces included; the last one said. */
export function unitValue(text: string, section: string, key: string): string | undefined {
  let current = '';
  let value: string | undefined;
  for (const line of text.split('\n')) {
    const heading = /^\[(.+)\]\s*$/.exec(line);
    if (heading?.[1] !== undefined) current = heading[1];
    else if (current === section && line.startsWith(`${key}=`)) value = line.slice(key.length + 1).trim();
  }
  return value;
}

export async function findUnit(root: ImageFiles, name: string): Promise<UnitFile | undefined> {
  const template = name.replace(/@[^.]+\./, '@.');
  for (const directory of DIRECTORIES)
    for (const file of new Set([name, template])) {
      const path = `${directory}/${file}`;
      const text = (await root.exists(path)) ? await root.readText(path) : undefined;
      if (text !== undefined) return { name, path, text };
    }
  return undefined;
}

export async function unitState(root: ImageFiles, name: string): Promise<UnitState> {
  const stat = await root.lstat(`${ADMIN}/${name}`);
  if (stat?.type === 'symlink' && (await root.readLink(`${ADMIN}/${name}`)) === '/dev/null') return 'masked';
  const unit = await findUnit(root, name);
  if (unit === undefined) return 'not-found';
  for (const directory of await wantsDirectories(root))
    if ((await root.lstat(`${directory}/${name}`)) !== undefined) return 'enabled';
  for (const alias of unitValues(unit.text, 'Install', 'Alias'))
    if ((await root.lstat(`${ADMIN}/${alias}`))?.type === 'symlink') return 'enabled';
  return unit.text.includes('[Install]') ? 'disabled' : 'static';
}

/** The links that enabling a unit makes: where, and to what. */
export function installLinks(unit: UnitFile): { readonly path: string; readonly target: string }[] {
  const of = (key: string): string[] => unitValues(unit.text, 'Install', key);
  return [
    ...of('Alias').map((alias) => `${ADMIN}/${alias}`),
    ...of('WantedBy').map((target) => `${ADMIN}/${target}.wants/${unit.name}`),
    ...of('RequiredBy').map((target) => `${ADMIN}/${target}.requires/${unit.name}`),
  ].map((path) => ({ path, target: unit.path }));
}

/** Every link under the administrator's directory that enables the unit. */
export async function existingLinks(root: ImageFiles, unit: UnitFile): Promise<string[]> {
  const candidates = (await wantsDirectories(root)).map((directory) => `${directory}/${unit.name}`);
  for (const alias of unitValues(unit.text, 'Install', 'Alias')) candidates.push(`${ADMIN}/${alias}`);
  const found: string[] = [];
  for (const path of candidates) if ((await root.lstat(path))?.type === 'symlink') found.push(path);
  return found;
}

/** Names of the units that the boot starts, in alphabetical order. */
export async function enabledUnits(root: ImageFiles): Promise<string[]> {
  const names = new Set<string>();
  for (const directory of await wantsDirectories(root))
    for (const entry of await root.list(directory))
      if ((await unitState(root, entry.name)) === 'enabled') names.add(entry.name);
  return [...names].sort();
}

async function wantsDirectories(root: ImageFiles): Promise<string[]> {
  if (!(await root.exists(ADMIN))) return [];
  const entries = await root.list(ADMIN);
  return entries
    .filter(({ name, type }) => type === 'directory' && /\.(wants|requires)$/.test(name))
    .map(({ name }) => `${ADMIN}/${name}`);
}
