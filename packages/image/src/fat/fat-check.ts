import { ImageError } from '../image-error.js';
import { type ClusterRun, countClusters } from './cluster-run.js';
import { FatDirectory } from './fat-directory.js';
import { foldName } from './fat-name.js';

import { namesOf, type FatVolume } from './fat-volume.js';

/**
 * Checks the free count and every given directory that still exists: its chain, its names, and the chains of the
 * files in it. The volume is one just opened,
 * so that everything is read again from the disk.
 *
 * @throws ImageError `IMAGE_SELF_CHECK_FAILED`.
 */
export async function checkFat(volume: FatVolume, directories: Iterable<string>): Promise<void> {
  const { table } = volume;
  const [free, stated] = [await table.countFree(), await volume.statedFreeClusters()];
  if (stated !== undefined && stated !== free)
    throw failed(`it states ${stated} free clusters and has ${free}`);

  const claims: { run: ClusterRun; owner: string }[] = [];
  const claim = (runs: readonly ClusterRun[], owner: string) =>
    claims.push(...runs.map((run) => ({ run, owner })));
  const checked = new Set<string>();
  for (const known of directories) {
    const reopened = await reopen(volume, known);
    // One directory may be known by several names: in other case, or by its short name.
    if (reopened === undefined || checked.has(reopened.path)) continue;
    const { directory, path } = reopened;
    checked.add(path);
    claim(directory.runs, path || '/');
    const names = new Set<string>();
    for (const entry of directory.entries()) {
      const folded = foldName(entry.name);
      if (names.has(folded)) throw failed(`${path} has ${JSON.stringify(entry.name)} twice`);
      names.add(folded);
      if (entry.isDirectory) continue; // its clusters are its own check's
      const runs = entry.firstCluster === 0 ? [] : await table.chain(entry.firstCluster);
      const expected = Math.ceil(entry.size / volume.geometry.clusterBytes);
      if (countClusters(runs) !== expected)
        throw failed(
          `${path}: ${entry.name} has ${countClusters(runs)} clusters and should have ${expected}`,
        );
      claim(runs, `${path}/${entry.name}`);
    }
  }
  assertDisjoint(claims);
}

/** Refuses clusters that belong to two owners. */
function assertDisjoint(claims: { run: ClusterRun; owner: string }[]): void {
  claims.sort((a, b) => a.run.first - b.run.first);
  for (const [index, { run, owner }] of claims.entries()) {
    const next = claims[index + 1];
    if (next !== undefined && run.first + run.count > next.run.first)
      throw failed(`cluster ${next.run.first} belongs to ${owner} and to ${next.owner}`);
  }
}

/** The directory at a path, if it is still one, with the path as the names in it are written; '' for the root. */
async function reopen(
  volume: FatVolume,
  known: string,
): Promise<{ directory: FatDirectory; path: string } | undefined> {
  let directory = await FatDirectory.root(volume.disk, volume.table);
  let path = '';
  for (const name of namesOf(known)) {
    const entry = directory.find(name);
    if (entry?.isDirectory !== true) return undefined;
    directory = await FatDirectory.at(volume.disk, volume.table, entry.firstCluster);
    path += `/${entry.name}`;
  }
  return { directory, path };
}

function failed(what: string): ImageError {
  return new ImageError('IMAGE_SELF_CHECK_FAILED', `The edited FAT filesystem is not sound: ${what}.`);
}
