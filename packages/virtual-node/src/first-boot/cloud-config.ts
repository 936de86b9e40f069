import type { ImageFiles } from '@turingpi/image';
import { parse } from 'yaml';

/** A value of cloud-config, before anyone knows what it is. */
export type Config = Readonly<Record<string, unknown>>;

/** A NoCloud seed: what a user gives a machine to begin with. */
export interface Seed {
  /** Where it was found, for the boot log. */
  readonly place: string;
  readonly userData: string | undefined;
  readonly metaData: Config;
  readonly networkConfig: string | undefined;
}

/** A filesystem of the eMMC that may carry a seed. */
export interface SeedPartition {
  readonly label: string;
  readonly files: ImageFiles;
}

const SEED_DIRECTORIES = ['/var/lib/cloud/seed/nocloud', '/var/lib/cloud/seed/nocloud-net'] as const;

/** The system's own configuration: cloud.cfg and the drop-ins over it, later files winning. */
export async function readSystemConfig(root: ImageFiles): Promise<Config> {
  let config: Config = parseConfig((await root.readText('/etc/cloud/cloud.cfg')) ?? '');
  const directory = '/etc/cloud/cloud.cfg.d';
  const names = (await root.exists(directory)) ? (await root.list(directory)).map((entry) => entry.name) : [];
  for (const name of names.filter((file) => file.endsWith('.cfg')).sort())
    config = mergeConfig(config, parseConfig((await root.readText(`${directory}/${name}`)) ?? ''));
  return config;
}

/**
 * Finds the seed as cloud-init's NoCloud does: the directory first, then a partition with the right label, whose
 * user-data and network-config replace the earlier ones, while of meta-data the first value stays.
 */
export async function findSeed(
  root: ImageFiles,
  system: Config,
  partitions: readonly SeedPartition[],
): Promise<Seed | undefined> {
  const noCloud = asConfig(asConfig(system['datasource'])['NoCloud']);
  let seed: Seed | undefined;
  for (const directory of SEED_DIRECTORIES) seed = merge(seed, await readSeed(root, directory, directory));

  const label = typeof noCloud['fs_label'] === 'string' ? noCloud['fs_label'] : 'cidata';
  const labels = new Set([label, label.toUpperCase(), label.toLowerCase()]);
  for (const partition of partitions)
    if (labels.has(partition.label))
      seed = merge(seed, await readSeed(partition.files, '', `partition ${partition.label}`));

  const from = noCloud['seedfrom'];
  if (typeof from === 'string' && from.startsWith('file://')) {
    const directory = from.slice('file://'.length).replace(/\/$/, '');
    const boot = /^\/boot(\/firmware)?$/.test(directory)
      ? partitions.find((partition) => ['bootfs', 'system-boot', 'boot'].includes(partition.label))
      : undefined;
    seed = merge(
      seed,
      boot ? await readSeed(boot.files, '', directory) : await readSeed(root, directory, directory),
    );
  }
  return seed;
}

/** Parses cloud-config; what is not a mapping is empty. @throws Error of the YAML parser. */
export function parseConfig(text: string): Config {
  return asConfig(parse(text));
}

export function asConfig(value: unknown): Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Config) : {};
}

/** Merges as cloud-init does: mappings key by key, of anything else the later value. */
export function mergeConfig(first: Config, later: Config): Config {
  const merged: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(later)) {
    const [before, after] = [asConfig(merged[key]), asConfig(value)];
    const both = Object.keys(before).length > 0 && Object.keys(after).length > 0;
    merged[key] = both ? mergeConfig(before, after) : value;
  }
  return merged;
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** Strings of a list, or of one string separated by commas. */
export function asStrings(value: unknown): string[] {
  if (typeof value === 'string')
    return value
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean);
  return asList(value).filter((entry) => typeof entry === 'string');
}

async function readSeed(files: ImageFiles, directory: string, place: string): Promise<Seed | undefined> {
  const read = async (name: string): Promise<string | undefined> =>
    (await files.exists(`${directory}/${name}`)) ? await files.readText(`${directory}/${name}`) : undefined;
  const [userData, metaData, networkConfig] = [
    await read('user-data'),
    await read('meta-data'),
    await read('network-config'),
  ];
  // NoCloud needs both files; an empty user-data will do.
  if (userData === undefined || metaData === undefined) return undefined;
  return { place, userData, metaData: parseConfig(metaData), networkConfig };
}

function merge(first: Seed | undefined, second: Seed | undefined): Seed | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    place: `${first.place}, ${second.place}`,
    userData: second.userData ?? first.userData,
    metaData: { ...second.metaData, ...first.metaData },
    networkConfig: second.networkConfig ?? first.networkConfig,
  };
}
