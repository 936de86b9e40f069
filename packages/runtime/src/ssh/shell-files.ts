import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import { once } from 'node:events';
import { commandFailure } from '../command/command-failure.js';
import { RuntimeError, type RuntimeErrorCode } from '../runtime-error.js';
import type { CommandRunEnd, CommandRunOptions } from './command-runner.js';
import { fileFailure } from './file-failure.js';
import { readPieces } from './read-pieces.js';
import type { CommandInput } from './remote-command.js';
import type { SshReadOptions, SshWriteOptions } from './ssh-session.js';

const SIXTEEN_MIB = 16 * 1024 * 1024;
// What the disk may be behind: a pause of the channel for every packet takes longer than writing it.
const WRITE_BEHIND = 2 * 1024 * 1024;
const TWO_HOURS_MS = 7_200_000;
const TIDY_MS = 10_000;
/** After these nobody knows how far the command came: it may have been killed before it could tidy up. */
const GIVEN_UP: ReadonlySet<string> = new Set<RuntimeErrorCode>([
  'COMMAND_TIMEOUT',
  'COMMAND_STILL_RUNNING',
  'LOCAL_FILE_UNREADABLE',
]);

/**
 * Puts standard input into a file beside the path, checks that all of it came, and renames.
 *
 * @remarks Arguments: path, its directory, the temporary file, mode, owner or nothing, size, `root` where it runs as root.
 * A program is started only where it has something to do: that takes longer than all else. `set -C` makes `>` refuse
 * what is there already: a file or link that somebody else put there is never written through. A signal ends `cat`, and
 * the shell outlives it to tidy up; an `exit` in a trap of its own could cut that short.
 */
const WRITE = [
  'LC_ALL=C; export LC_ALL; umask 022;',
  '[ -d "$2" ] || mkdir -p -- "$2" || exit 1;',
  'if [ -d "$1" ]; then echo "Is a directory" >&2; exit 1; fi;',
  `trap 'if [ -e "$3" ]; then rm -f -- "$3"; fi' EXIT; trap : HUP INT PIPE TERM;`,
  'umask 077; set -C; cat >"$3" || exit 1;',
  'n=$(wc -c <"$3") || exit 1; if [ "$n" -ne "$6" ]; then echo "$n of $6 bytes arrived" >&2; exit 1; fi;',
  'if [ -n "$5" ] && ! { [ "$5$7" = root:rootroot ] && [ -O "$3" ] && [ -G "$3" ]; }; then chown -- "$5" "$3" || exit 1; fi;',
  'chmod -- "$4" "$3" && mv -f -- "$3" "$1"',
].join(' ');

const READ = 'LC_ALL=C; export LC_ALL; cat -- "$1"';
const READ_UP_TO = 'LC_ALL=C; export LC_ALL; head -c "$2" -- "$1"';

/** Runs a command of the session; a refusal of sudo or of the shell is thrown. */
export type RunCommand = (command: readonly string[], options: CommandRunOptions) => Promise<CommandRunEnd>;

/**
 * Files of a node, through `sh`: no SFTP server is needed, and root's files are no other case than the login user's.
 */
export class ShellFiles {
  /** @param run - Runs a command; a refusal of sudo or of the shell is thrown by it. */
  constructor(
    private readonly place: string,
    private readonly run: RunCommand,
  ) {}

  async upload(localPath: string, remotePath: string, options: SshWriteOptions): Promise<void> {
    const unreadable = (cause: unknown): RuntimeError =>
      new RuntimeError('LOCAL_FILE_UNREADABLE', `The local file ${localPath} cannot be read.`, { cause });
    const file = await open(localPath, 'r').catch((cause: unknown) => {
      throw unreadable(cause);
    });
    try {
      const { size } = await file.stat();
      await this.#write(remotePath, readPieces(file, unreadable), size, options);
    } finally {
      await file.close();
    }
  }

  write(path: string, content: Uint8Array, options: SshWriteOptions): Promise<void> {
    return this.#write(path, content, content.length, options);
  }

  async read(path: string, options: SshReadOptions): Promise<Buffer> {
    const maxBytes = options.maxBytes ?? SIXTEEN_MIB;
    const { sudo = false, signal } = options;
    const end = await this.#run('read', path, ['sh', '-c', READ_UP_TO, 'sh', path, String(maxBytes + 1)], {
      sudo,
      maxOutputBytes: maxBytes + 1,
      ...(signal && { signal }),
    });
    const bytes = end.stdout.bytes();
    if (bytes.length > maxBytes)
      throw new RuntimeError(
        'SSH_FILE_FAILED',
        `${path} on ${this.place} is larger than ${maxBytes} bytes.`,
        {
          details: { path, place: this.place, maxBytes },
        },
      );
    return bytes;
  }

  async download(remotePath: string, localPath: string, signal: AbortSignal | undefined): Promise<void> {
    const local = await open(localPath, 'wx', 0o600).catch((cause: unknown) => {
      throw new RuntimeError('LOCAL_FILE_UNWRITABLE', `The local file ${localPath} cannot be created.`, {
        cause,
      });
    });
    const sink = local.createWriteStream({ highWaterMark: WRITE_BEHIND });
    try {
      const failed = once(sink, 'error').then(([error]) => {
        throw new RuntimeError('LOCAL_FILE_UNWRITABLE', `The local file ${localPath} cannot be written.`, {
          cause: error,
        });
      });
      failed.catch(() => undefined);
      const stop = new AbortController();
      const run = this.#run('fetch', remotePath, ['sh', '-c', READ, 'sh', remotePath], {
        signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
        timeoutMs: TWO_HOURS_MS,
        sink,
      });
      await Promise.race([run, failed]).catch(async (error: unknown) => {
        stop.abort(error);
        await run.catch(() => undefined);
        throw error;
      });
      sink.end();
      await Promise.race([once(sink, 'close'), failed]);
    } catch (error) {
      sink.destroy();
      await rm(localPath, { force: true });
      throw error;
    }
  }

  async #write(path: string, input: CommandInput, size: number, options: SshWriteOptions): Promise<void> {
    const { mode = 0o644, sudo = false, signal, onProgress } = options;
    if (!path.startsWith('/'))
      throw fileFailure('write', path, this.place, new Error('the path is not absolute'));
    const directory = dirname(path);
    const beside = join(directory, `.turingpi-${randomBytes(8).toString('hex')}`);
    const owner = options.owner ?? (sudo ? 'root:root' : '');
    const file = [path, directory, beside, mode.toString(8), owner, String(size), sudo ? 'root' : ''];
    const command = ['sh', '-c', WRITE, 'sh', ...file];
    await this.#run('write', path, command, {
      input,
      sudo,
      timeoutMs: TWO_HOURS_MS,
      ...(onProgress && { onSent: onProgress }),
      ...(signal && { signal }),
    }).catch(async (error: unknown) => {
      const givenUp = signal?.aborted === true || (RuntimeError.is(error) && GIVEN_UP.has(error.code));
      if (givenUp) await this.#tidy(beside, sudo);
      throw error;
    });
  }

  /**
   * Removes what a write that was given up may have left.
   *
   * @remarks It has a time of its own: the caller's signal has fired. What keeps it from being removed, as a connection
   * that is gone, is no news: the write has failed already.
   */
  async #tidy(beside: string, sudo: boolean): Promise<void> {
    await this.run(['rm', '-f', '--', beside], { sudo, timeoutMs: TIDY_MS }).catch(() => undefined);
  }

  async #run(
    doing: string,
    path: string,
    command: readonly string[],
    options: CommandRunOptions,
  ): Promise<CommandRunEnd> {
    const end = await this.run(command, options);
    if (end.exitCode === 0) return end;
    const [stdout, stderr] = ['', end.stderr.text()];
    const { exitCode, signal } = end;
    const failed = commandFailure({
      command: [`${doing} ${path}`],
      place: this.place,
      exitCode,
      signal,
      stdout,
      stderr,
    });
    throw fileFailure(doing, path, this.place, failed);
  }
}
