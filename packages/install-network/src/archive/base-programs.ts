import type { ImageFiles } from '@turingpi/image';
import { NetworkInstallError } from '../network-install-error.js';
import type { CpioEntry } from './cpio-archive.js';
import { type ElfNeeds, elfNeeds } from './elf-needs.js';

/** Where the installer's own things are in the first root of the kernel. */
export const INSTALLER_ROOT = 'turingpi';

/** What the installer cannot do without. */
const REQUIRED = [
  'cat',
  'curl',
  'dd',
  'ip',
  'mkdir',
  'mount',
  'readlink',
  'rm',
  'sha256sum',
  'sleep',
  'sync',
  'wc',
  'xz',
] as const;
/** What it uses where it is: to load drivers, to discard what was on the disk, to ask for an address, to be helped. */
const WELCOME = ['modprobe', 'blkdiscard', 'busybox', 'ls', 'dmesg', 'reboot'] as const;

/** Of busybox: makers of systems leave out what they do not need. */
const DHCP_CLIENT = 'udhcpc';
const PROGRAM_DIRECTORIES = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin'];
const LIBRARY_DIRECTORIES = ['/lib', '/usr/lib', '/lib64', '/usr/lib64'];
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Programs out of a base image, ready for an archive. */
export interface BasePrograms {
  readonly entries: readonly CpioEntry[];
  /** Names of the programs that are there. */
  readonly names: ReadonlySet<string>;
  /** Its busybox can ask a DHCP server. */
  readonly asksDhcp: boolean;
  /** See {@link ElfNeeds.machine}. */
  readonly machine: number;
}

/**
 * Takes the installer's programs and their libraries out of the root filesystem of a base image: of the right architecture,
 * and nothing of them is ours.
 *
 * @remarks Each is started by a script of its name through the base's own loader with the base's own libraries, so that it
 * does not matter what the initrd has of either.
 * @throws NetworkInstallError `INSTALLER_PROGRAM_MISSING`, naming all that are not there; ImageError.
 */
export async function takePrograms(root: ImageFiles): Promise<BasePrograms> {
  const collected = new Collected(root);
  const missing: string[] = [];
  const names = new Set<string>();
  for (const name of [...REQUIRED, ...WELCOME]) {
    if (await collected.add(name)) names.add(name);
    else if (REQUIRED.some((required) => required === name)) missing.push(name);
  }
  missing.push(...collected.missingLibraries);
  if (missing.length > 0 || collected.machine === undefined)
    throw new NetworkInstallError(
      'INSTALLER_PROGRAM_MISSING',
      `the base image lacks what an installation over the network needs: ${missing.join(', ')}`,
      {
        hint: 'Use the strategy `flash`, or a base image that has them.',
        details: { missing },
      },
    );
  const { machine, asksDhcp } = collected;
  return { entries: collected.entries(), names, machine, asksDhcp };
}

/** Files on their way into an archive, each once. */
class Collected {
  readonly missingLibraries: string[] = [];
  machine: number | undefined;
  asksDhcp = false;
  readonly #files = new Map<string, CpioEntry>();
  readonly #libraries = new Set<string>();

  constructor(private readonly root: ImageFiles) {}

  entries(): CpioEntry[] {
    const directories = ['', '/bin', '/exe', '/lib'].map((name): CpioEntry => {
      return { path: `${INSTALLER_ROOT}${name}`, content: 'directory' };
    });
    return [...directories, ...this.#files.values()];
  }

  /** @returns Whether the program is there. */
  async add(name: string): Promise<boolean> {
    const path = await this.#find(PROGRAM_DIRECTORIES, name);
    if (path === undefined) return false;
    const real = await this.root.realPath(path);
    const program = await this.root.readFile(real, { maxBytes: MAX_FILE_BYTES });
    const needs = elfNeeds(program);
    if (needs === undefined) return false; // a script would need more than is known here
    this.machine ??= needs.machine;
    if (name === 'busybox') this.asksDhcp = program.includes(DHCP_CLIENT);
    // One program may have many names, which it goes by.
    // Its own name first: busybox looks at that to see what it is.
    const stored = `${INSTALLER_ROOT}/exe/${real.slice(1).split('/').reverse().join('.')}`;
    this.#files.set(stored, { path: stored, content: program, mode: 0o755 });
    await this.#addLibraries(needs);
    const loader = needs.loader === undefined ? undefined : await this.#addLoader(needs.loader);
    const start =
      loader === undefined
        ? `exec /${stored} "$@"`
        : `exec /${INSTALLER_ROOT}/lib/${loader.name} ${loader.takesName ? `--argv0 ${name} ` : ''}--library-path /${INSTALLER_ROOT}/lib /${stored} "$@"`;
    const script = `${INSTALLER_ROOT}/bin/${name}`;
    this.#files.set(script, {
      path: script,
      content: Buffer.from(`#!/bin/sh\n${start}\n`),
      mode: 0o755,
    });
    return true;
  }

  async #addLoader(
    path: string,
  ): Promise<{ readonly name: string; readonly takesName: boolean } | undefined> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const content = await this.#library(name, [path.slice(0, path.lastIndexOf('/'))]);
    return content && { name, takesName: content.includes('--argv0') };
  }

  async #addLibraries({ libraries, searched }: ElfNeeds): Promise<void> {
    for (const name of libraries) {
      if (this.#libraries.has(name) || name.includes('/')) continue;
      this.#libraries.add(name);
      const content = await this.#library(name, searched);
      const needs = content && elfNeeds(content);
      if (needs) await this.#addLibraries(needs);
      else this.missingLibraries.push(name);
    }
  }

  async #library(name: string, searched: readonly string[]): Promise<Buffer | undefined> {
    const stored = `${INSTALLER_ROOT}/lib/${name}`;
    const known = this.#files.get(stored)?.content;
    if (Buffer.isBuffer(known)) return known;
    const own = searched.filter((directory) => directory.startsWith('/'));
    const path = await this.#find([...own, ...(await this.#libraryDirectories())], name);
    if (path === undefined) return undefined;
    const content = await this.root.readFile(path, { maxBytes: MAX_FILE_BYTES });
    this.#files.set(stored, { path: stored, content, mode: 0o755 });
    return content;
  }

  #directories: string[] | undefined;
  /** The usual ones, and those of an architecture, as Debian has them. */
  async #libraryDirectories(): Promise<readonly string[]> {
    if (this.#directories !== undefined) return this.#directories;
    const all: string[] = [];
    for (const directory of LIBRARY_DIRECTORIES) {
      if (!(await this.root.exists(directory))) continue;
      const inside = await this.root.list(directory);
      const ofMachines = inside.filter(({ name }) => /-linux-(gnu|musl)[a-z0-9]*$/.test(name));
      all.push(directory, ...ofMachines.map(({ name }) => `${directory}/${name}`));
    }
    return (this.#directories = all);
  }

  async #find(directories: readonly string[], name: string): Promise<string | undefined> {
    for (const directory of directories) {
      const path = `${directory}/${name}`;
      if (await this.root.exists(path)) return path;
    }
    return undefined;
  }
}
