import type { SshSession } from '@turingpi/runtime';

/** A package as dpkg knows it. */
export interface KnownPackage {
  /** Installed, and not just known or half removed. */
  readonly isInstalled: boolean;
  /** Its configuration files are there. */
  readonly hasFiles: boolean;
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
}

const FORMAT = '${db:Status-Abbrev}\\t${Package}\\t${Architecture}\\t${Version}\\n';

/** A package as it is asked for: `htop`, `libc6:arm64`, `jq=1.6-2`, `jq/bookworm-backports`. */
function partsOf(asked: string) {
  const [, name = '', architecture, kind, wanted] =
    /^([^:=/]+)(?::([^=/]+))?(?:([=/])(.*))?$/.exec(asked) ?? [];
  return { name, architecture, version: kind === '=' ? wanted : undefined, isOfRelease: kind === '/' };
}

/** What dpkg knows of packages; those that it does not know are left out. */
export async function knownPackages(
  node: SshSession,
  packages: readonly string[],
  signal: AbortSignal,
): Promise<readonly KnownPackage[]> {
  const names = packages.map((asked) => partsOf(asked).name);
  const options = { signal, sudo: true, allowFailure: true };
  const { stdout } = await node.exec(['dpkg-query', '-W', '-f', FORMAT, '--', ...new Set(names)], options);
  return stdout.split('\n').flatMap((line) => {
    const [status = '', name = '', architecture = '', version = ''] = line.split('\t');
    if (name === '') return [];
    return {
      isInstalled: /^[ih]i/.test(status),
      hasFiles: /^.[^n]/.test(status),
      name,
      architecture,
      version,
    };
  });
}

/** Whether a package is installed as it is asked for; of one from a release of its own only apt knows. */
export function isInstalled(asked: string, known: readonly KnownPackage[]): boolean {
  const { name, architecture, version, isOfRelease } = partsOf(asked);
  if (isOfRelease) return false;
  return known.some(
    (one) =>
      one.isInstalled &&
      one.name === name &&
      (architecture === undefined || [architecture, 'all'].includes(one.architecture)) &&
      (version === undefined || one.version === version),
  );
}
