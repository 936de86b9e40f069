import { execFile } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** A package of ours as it would be published. */
export interface PackedPackage {
  readonly manifest: Manifest;
  readonly tarball: string;
  /** What is in the tarball. */
  readonly files: readonly string[];
}

/** Packs all of our packages, by name. They have to be built. */
export async function packPackages(folder: string): Promise<ReadonlyMap<string, PackedPackage>> {
  const manifests = new Map((await readManifests()).map((manifest) => [manifest.name, manifest]));
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--workspaces', '--ignore-scripts', '--json', '--pack-destination', folder],
    { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 },
  );
  const packed = JSON.parse(stdout) as readonly {
    readonly name: string;
    readonly filename: string;
    readonly files: readonly { readonly path: string }[];
  }[];
  return new Map(
    packed.map(({ name, filename, files }) => [
      name,
      {
        manifest: manifests.get(name)!,
        tarball: path.join(folder, filename),
        files: files.map((file) => file.path),
      },
    ]),
  );
}

/** The packages, and those of ours that they need; an optional peer is installed by who wants it. */
export function withOurDependencies(
  wanted: readonly string[],
  packages: ReadonlyMap<string, PackedPackage>,
): readonly string[] {
  const needed = new Set(wanted);
  // A set hands out what is added to it on the way, too.
  for (const name of needed) {
    const { dependencies, peerDependencies, peerDependenciesMeta } = packages.get(name)!.manifest;
    const peers = Object.keys(peerDependencies ?? {}).filter(
      (peer) => peerDependenciesMeta?.[peer]?.optional !== true,
    );
    for (const other of [...Object.keys(dependencies ?? {}), ...peers])
      if (packages.has(other)) needed.add(other);
  }
  return [...needed].sort();
}

/** The files of a tarball that its manifest points to, for programs and for compilers. */
export function filesPromised({ bin, exports }: Manifest): readonly string[] {
  const targets = Object.values(exports ?? {}).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  return [...targets, ...Object.values(bin ?? {})].map((file) => path.posix.normalize(file));
}

async function readManifests(): Promise<readonly Manifest[]> {
  const entries = await readdir(path.join(ROOT, 'packages'), { withFileTypes: true });
  const files = entries.map(({ name }) => path.join(ROOT, 'packages', name, 'package.json'));
  const present = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return await Promise.all(
    files
      .filter((_, index) => present[index])
      .map(async (file) => JSON.parse(await readFile(file, 'utf8')) as Manifest),
  );
}
