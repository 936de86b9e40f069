import type { ImageFiles } from '@turingpi/image';
import { isMap, parseDocument } from 'yaml';
import { isUnitMasked } from '../systemd/units.js';
import type { CloudInitState, ImagePartitions, SeedPlace } from './detected-image.js';

/** The directory that NoCloud reads in the root filesystem. */
export const SEED_DIRECTORY = '/var/lib/cloud/seed/nocloud';

interface NoCloudSettings {
  readonly fsLabel: string | undefined;
  readonly seedFrom: string | undefined;
}

/** cloud.cfg and the files of cloud.cfg.d, in the order in which cloud-init reads them. */
async function configurationFiles(root: ImageFiles): Promise<string[]> {
  const directory = '/etc/cloud/cloud.cfg.d';
  const names = (await root.exists(directory)) ? (await root.list(directory)).map(({ name }) => name) : [];
  const own = names.filter((name) => name.endsWith('.cfg')).sort();
  return ['/etc/cloud/cloud.cfg', ...own.map((name) => `${directory}/${name}`)];
}

/**
 * The file that keeps cloud-init from reading any NoCloud seed, because it lists other data sources only; undefined when
 * none does. An installer leaves such a file behind, for example.
 */
export async function findForeignDatasources(root: ImageFiles): Promise<string | undefined> {
  let foreign: string | undefined;
  for (const path of await configurationFiles(root)) {
    const document = parseDocument((await root.readText(path)) ?? '');
    if (document.errors.length > 0 || !isMap(document.contents)) continue;
    const list = (document.toJS() as { datasource_list?: unknown }).datasource_list;
    if (Array.isArray(list)) foreign = list.includes('NoCloud') ? undefined : path;
  }
  return foreign;
}

/** What cloud.cfg and cloud.cfg.d say about NoCloud; later files win. */
async function readNoCloudSettings(root: ImageFiles): Promise<NoCloudSettings> {
  let settings: NoCloudSettings = { fsLabel: undefined, seedFrom: undefined };
  for (const path of await configurationFiles(root)) {
    const document = parseDocument((await root.readText(path)) ?? '');
    if (document.errors.length > 0 || !isMap(document.contents)) continue; // cloud-init skips such files too
    const text = (key: string): string | undefined => {
      const value = document.getIn(['datasource', 'NoCloud', key]);
      return typeof value === 'string' ? value : undefined;
    };
    settings = {
      fsLabel: text('fs_label') ?? settings.fsLabel,
      seedFrom: text('seedfrom') ?? settings.seedFrom,
    };
  }
  return settings;
}

/** Where in the image a `seedfrom` of the form `/boot/firmware` or `file:///boot/firmware/` lies. */
function localSeed(
  seedFrom: string,
  partitions: ImagePartitions,
  firmware: ImageFiles | undefined,
): SeedPlace | undefined {
  const path = /^(?:file:\/\/)?(\/.*?)\/*$/.exec(seedFrom)?.[1];
  if (path === undefined) return undefined;
  const mounted = /^\/boot(?:\/firmware)?(\/.*)?$/.exec(path);
  if (mounted && firmware) {
    const label = partitions.others.find(({ files }) => files === firmware)?.label ?? 'boot';
    return { kind: 'partition', name: label, files: firmware, directory: mounted[1] ?? '' };
  }
  return { kind: 'directory', name: path, files: partitions.root, directory: path };
}

async function findSeed(partitions: ImagePartitions, firmware: ImageFiles | undefined): Promise<SeedPlace> {
  const settings = await readNoCloudSettings(partitions.root);
  const labels = [...new Set([settings.fsLabel, 'cidata'])].filter((label) => label !== undefined);
  for (const wanted of labels) {
    const partition = partitions.others.find(({ label }) => label.toLowerCase() === wanted.toLowerCase());
    if (partition) return { kind: 'partition', name: partition.label, files: partition.files, directory: '' };
  }
  const local =
    settings.seedFrom === undefined ? undefined : localSeed(settings.seedFrom, partitions, firmware);
  if (local) return local;
  // Raspberry Pi OS ships its seed beside the boot files and points at it from the kernel's command line.
  if (firmware && ((await firmware.exists('/user-data')) || (await firmware.exists('/meta-data')))) {
    const label = partitions.others.find(({ files }) => files === firmware)?.label ?? 'boot';
    return { kind: 'partition', name: label, files: firmware, directory: '' };
  }
  return { kind: 'directory', name: SEED_DIRECTORY, files: partitions.root, directory: SEED_DIRECTORY };
}

/** Finds out whether cloud-init will run at first boot and where it will look for its seed. */
export async function detectCloudInit(
  partitions: ImagePartitions,
  firmware: ImageFiles | undefined,
): Promise<CloudInitState> {
  const { root } = partitions;
  const present = (await root.exists('/usr/bin/cloud-init')) || (await root.exists('/etc/cloud/cloud.cfg'));
  if (!present)
    return {
      state: 'absent',
      reason: 'neither /usr/bin/cloud-init nor /etc/cloud/cloud.cfg',
      seed: undefined,
    };
  if (await root.exists('/etc/cloud/cloud-init.disabled'))
    return { state: 'disabled', reason: '/etc/cloud/cloud-init.disabled is there', seed: undefined };
  for (const unit of ['cloud-init.target', 'cloud-init.service', 'cloud-init-main.service'])
    if (await isUnitMasked(root, unit))
      return { state: 'disabled', reason: `${unit} is masked`, seed: undefined };
  if (/^\s*policy\s*:\s*disabled/m.test((await root.readText('/etc/cloud/ds-identify.cfg')) ?? ''))
    return { state: 'disabled', reason: 'ds-identify.cfg says policy: disabled', seed: undefined };
  const commandLine = await firmware?.readText('/cmdline.txt');
  if (/(^|\s)cloud-init=disabled(\s|$)/.test(commandLine ?? ''))
    return { state: 'disabled', reason: 'cmdline.txt says cloud-init=disabled', seed: undefined };
  const seed = await findSeed(partitions, firmware);
  const where = seed.kind === 'partition' ? `partition ${seed.name}` : seed.name;
  return { state: 'enabled', reason: `its seed is read from ${where}`, seed };
}
