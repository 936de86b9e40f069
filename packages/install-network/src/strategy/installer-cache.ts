import { PartitionFiles, readPartitionTable, openImageDisk, OverlayDisk } from '@turingpi/image';
import type { ModuleHardware } from '../base/module-hardware.js';
import { type InstallerBase, readInstallerBase } from '../base/read-base.js';
import { type PreparedInstaller, prepareInstaller } from '../installer-image/compose-installer.js';

/** Opening and reading takes this. */
interface Reading {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
}

/** The part of installers that the nodes of one base share, made once in a run. */
export class InstallerCache {
  readonly #prepared = new Map<string, Promise<PreparedInstaller>>();

  /**
   * @param key - tells one base and type of module from another; undefined when the base is not known
   * @param path - of an image of that base
   * @throws NetworkInstallError as `readInstallerBase`; ImageError.
   */
  async of(
    key: string | undefined,
    path: string,
    module: ModuleHardware,
    reading: Reading,
  ): Promise<PreparedInstaller> {
    if (key === undefined) return await prepared(path, module, reading);
    const known = this.#prepared.get(key);
    // What stopped another node, as its signal, is not this one's.
    if (known !== undefined) return await known.catch(() => prepared(path, module, reading));
    const making = prepared(path, module, reading);
    this.#prepared.set(key, making);
    making.catch(() => this.#prepared.delete(key));
    return await making;
  }
}

async function prepared(path: string, module: ModuleHardware, reading: Reading): Promise<PreparedInstaller> {
  return await prepareInstaller(await readBaseIn(path, module, reading));
}

/**
 * Reads what an installer is made of out of an image.
 *
 * @throws NetworkInstallError as `readInstallerBase`; ImageError.
 */
export async function readBaseIn(
  path: string,
  module: ModuleHardware,
  reading: Reading,
): Promise<InstallerBase> {
  await using source = await openImageDisk(path, reading);
  await using overlay = new OverlayDisk(source.disk, reading);
  const partitionTable = await readPartitionTable(overlay);
  const partitions = await PartitionFiles.of(overlay, partitionTable);
  const image = { partitionTable, files: (selector: number | 'root') => partitions.files(selector) };
  return await readInstallerBase(image, overlay, module);
}
