import type { SshSession } from '@turingpi/runtime';

/** Something of a directory, as it is to be on a node. */
export interface WantedEntry {
  /** Below the directory. */
  readonly name: string;
  readonly kind: 'directory' | 'file' | 'symlink';
  /** Permission bits. */
  readonly mode: number;
  /** Of a file: the digest of its content, hex. Of a symbolic link: where it leads. Of a directory: nothing. */
  readonly content: string;
}

const TEN_MINUTES_MS = 600_000;
const OUTPUT_BYTES = 64 * 1024 * 1024;
/** The kinds among the bits of a mode (inode(7)). */
const KINDS: Readonly<Record<number, WantedEntry['kind']>> = {
  0o040000: 'directory',
  0o100000: 'file',
  0o120000: 'symlink',
};

/**
 * Asks a program about names in a directory: standard input are the names, each ended by NUL. Arguments: directory, the program.
 * What is not there is no answer, and neither is a program that does not know how.
 */
const ASK = [
  'LC_ALL=C; export LC_ALL; cd -- "$1" 2>/dev/null || exit 0; shift;',
  'xargs -0 -r "$@" 2>/dev/null; exit 0',
].join(' ');

/**
 * What of a directory is not on a node as it is to be: names of what is missing there, and of what is another.
 *
 * @remarks Three questions for all of it, whatever its size. Of directories that are there nothing else is looked at:
 * they keep mode and owner. A node without the tools of GNU tells nothing, and all of it counts as missing.
 * @param owner - `user:group`, by number
 */
export async function treeDifference(
  node: SshSession,
  directory: string,
  wanted: readonly WantedEntry[],
  owner: string,
  signal: AbortSignal,
): Promise<{ readonly missing: readonly string[]; readonly other: readonly string[] }> {
  const ask = async (names: readonly string[], program: readonly string[]): Promise<readonly string[]> => {
    if (names.length === 0) return [];
    const { stdout, truncated } = await node.exec(['sh', '-c', ASK, 'sh', directory, ...program], {
      ...{ signal, sudo: true, timeoutMs: TEN_MINUTES_MS, maxOutputBytes: OUTPUT_BYTES },
      input: names.map((name) => `./${name}\0`).join(''),
    });
    return truncated ? [] : stdout.split('\0').slice(0, -1);
  };
  const found = new Map<string, string>();
  for (const line of await ask(namesOf(wanted), ['stat', '--printf', '%f|%u:%g|%n\\0', '--'])) {
    const [, mode = '', owned = '', name = ''] = /^([0-9a-f]+)\|(\d+:\d+)\|\.\/(.*)$/s.exec(line) ?? [];
    found.set(name, `${mode}|${owned}`);
  }
  const missing = wanted.filter(({ name }) => !found.has(name));
  const alike = wanted.filter((entry) => isAlike(entry, found.get(entry.name), owner));
  const contents = new Map<string, string>();
  for (const line of await ask(namesOf(alike, 'file'), ['sha256sum', '-z', '--'])) {
    const [, digest = '', name = ''] = /^([0-9a-f]{64}) [ *]\.\/(.*)$/s.exec(line) ?? [];
    contents.set(name, digest);
  }
  const links = namesOf(alike, 'symlink');
  const targets = await ask(links, ['readlink', '-z', '--']);
  if (targets.length === links.length)
    links.forEach((name, index) => contents.set(name, targets[index] ?? ''));
  const same = new Set(
    alike.filter(({ name, kind, content }) => kind === 'directory' || contents.get(name) === content),
  );
  const other = wanted.filter((entry) => found.has(entry.name) && !same.has(entry));
  return { missing: namesOf(missing), other: namesOf(other) };
}

function namesOf(entries: readonly WantedEntry[], kind?: WantedEntry['kind']): string[] {
  return entries.filter((entry) => kind === undefined || entry.kind === kind).map(({ name }) => name);
}

/** Whether kind, mode and owner are as they are to be. @param found - `mode|user:group` */
function isAlike({ kind, mode }: WantedEntry, found: string | undefined, owner: string): boolean {
  if (found === undefined) return false;
  const [bits = '', owned = ''] = found.split('|');
  const has = Number.parseInt(bits, 16);
  if (KINDS[has & 0o170000] !== kind) return false;
  if (kind === 'directory') return true;
  return owned === owner && (kind === 'symlink' || (has & 0o7777) === mode);
}
