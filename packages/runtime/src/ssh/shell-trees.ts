import { commandFailure } from '../command/command-failure.js';
import { fileFailure } from './file-failure.js';
import { walkLocalTree } from './local-tree.js';
import { packDirectory, type TreeOwner } from './pack-directory.js';
import type { RunCommand, ShellFiles } from './shell-files.js';
import type { SshCopyOptions } from './ssh-session.js';

const TWO_HOURS_MS = 7_200_000;
const NO_TAR = 96;

/**
 * Unpacks standard input into a directory.
 *
 * @remarks Arguments: directory, owner or nothing. GNU tar puts a new file in place of what has its name, links
 * included, and makes a directory where there is a link to one: nothing is written through a link. The mode and owner of
 * directories that are there already stay. An owner that the node does not know would become a number: it is tried first.
 * A node without a clock may think it is the past, which is no news.
 */
const UNPACK = [
  'LC_ALL=C; export LC_ALL; umask 022;',
  `case $(tar --version 2>/dev/null) in *"GNU tar"*) ;; *) exit ${NO_TAR};; esac;`,
  'if [ -n "$2" ]; then t=$(mktemp) || exit 1; chown -- "$2" "$t" || { rm -f -- "$t"; exit 1; }; rm -f -- "$t"; fi;',
  'if ! [ -d "$1" ]; then mkdir -p -- "$1" && { [ -z "$2" ] || chown -- "$2" "$1"; } || exit 1; fi;',
  'if [ -n "$2" ]; then set -- "$1" --same-owner; else set -- "$1" --no-same-owner; fi;',
  'exec tar -x -p --no-overwrite-dir "$2" --warning=no-timestamp -C "$1" -f -',
].join(' ');

/** A directory where there is none; one that is there keeps its mode and owner. Arguments: path, mode, owner or nothing. */
const MAKE_DIRECTORY = [
  'LC_ALL=C; export LC_ALL;',
  'if [ -d "$1" ] && ! [ -h "$1" ]; then exit 0; fi;',
  'if [ -h "$1" ]; then rm -f -- "$1" || exit 1; fi;',
  'mkdir -- "$1" && chmod -- "$2" "$1" && { [ -z "$3" ] || chown -- "$3" "$1"; }',
].join(' ');

/** A symbolic link in place of what has its name. Arguments: path, target, owner or nothing. */
const MAKE_LINK = [
  'LC_ALL=C; export LC_ALL;',
  'if [ -d "$1" ] && ! [ -h "$1" ]; then echo "Is a directory" >&2; exit 1; fi;',
  'rm -f -- "$1" && ln -s -- "$2" "$1" && { [ -z "$3" ] || chown -h -- "$3" "$1"; }',
].join(' ');

/** Directories of this machine onto a node: as one stream where it has GNU tar, else entry by entry. */
export class ShellTrees {
  /** @param run - Runs a command; a refusal of sudo or of the shell is thrown by it. */
  constructor(
    private readonly place: string,
    private readonly run: RunCommand,
    private readonly files: ShellFiles,
  ) {}

  async copy(localDirectory: string, path: string, options: SshCopyOptions): Promise<void> {
    const { sudo = false, signal, onProgress } = options;
    if (!path.startsWith('/'))
      throw fileFailure('write', path, this.place, new Error('the path is not absolute'));
    const owner = options.owner ?? (sudo ? 'root:root' : '');
    const end = await this.run(['sh', '-c', UNPACK, 'sh', path, owner], {
      sudo,
      input: packDirectory(localDirectory, ownerOf(owner)),
      timeoutMs: TWO_HOURS_MS,
      ...(onProgress && { onSent: onProgress }),
      ...(signal && { signal }),
    });
    if (end.exitCode === NO_TAR) await this.#entryByEntry(localDirectory, path, owner, options);
    else if (end.exitCode !== 0) {
      const { exitCode, signal: by } = end;
      const command = [`write ${path}`];
      const said = { stdout: '', stderr: end.stderr.text() };
      const failed = commandFailure({ command, place: this.place, exitCode, signal: by, ...said });
      throw fileFailure('write', path, this.place, failed);
    }
  }

  async #entryByEntry(
    localDirectory: string,
    path: string,
    owner: string,
    { sudo = false, signal, onProgress }: SshCopyOptions,
  ): Promise<void> {
    const how = { sudo, ...(signal && { signal }) };
    const make = async (script: string, at: string, what: string): Promise<void> => {
      const {
        exitCode,
        signal: by,
        stderr,
      } = await this.run(['sh', '-c', script, 'sh', at, what, owner], how);
      if (exitCode === 0) return;
      const said = { stdout: '', stderr: stderr.text() };
      const failed = commandFailure({
        command: [`write ${at}`],
        place: this.place,
        exitCode,
        signal: by,
        ...said,
      });
      throw fileFailure('write', at, this.place, failed);
    };
    await make('mkdir -p -- "$1"', path, '');
    let sent = 0;
    for (const entry of walkLocalTree(localDirectory)) {
      const at = `${path.replace(/\/+$/, '')}/${entry.name}`;
      const mode = entry.mode.toString(8);
      if (entry.kind === 'directory') await make(MAKE_DIRECTORY, at, mode);
      else if (entry.kind === 'symlink') await make(MAKE_LINK, at, entry.target ?? '');
      else {
        const before = sent;
        await this.files.upload(entry.localPath, at, {
          ...how,
          mode: entry.mode,
          ...(owner !== '' && { owner }),
          ...(onProgress && { onProgress: (bytes: number) => onProgress(before + bytes) }),
        });
        sent += entry.size;
      }
    }
  }
}

/** `user:group`, either of them a number; without a group it is what `chown` makes of it: unchanged. */
function ownerOf(owner: string): TreeOwner {
  const [user = '', group = ''] = owner.split(/[:.]/);
  return { user: user || '0', group: group || '0' };
}
