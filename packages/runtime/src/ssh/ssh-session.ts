import type { CommandResult } from '../command/command-result.js';
import type { CommandSurroundings } from '../command/quote-command.js';
import type { TextChannel } from '../dialogue/text-channel.js';

/** How a command on a node is run. */
export interface SshExecOptions extends CommandSurroundings {
  readonly signal?: AbortSignal;
  /** Written to the command's standard input; without it, standard input is empty. */
  readonly input?: string | Uint8Array;
  /** Milliseconds; default 10 minutes. */
  readonly timeoutMs?: number;
  /** Return a non-zero exit code instead of throwing. */
  readonly allowFailure?: boolean;
  /** Run as root, through sudo where the login user is not root. Default false. */
  readonly sudo?: boolean;
  /** Bytes kept of each of stdout and stderr, the last ones; default 8 MiB. */
  readonly maxOutputBytes?: number;
  /** Told of output as it arrives. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
}

/** How a remote command ended. */
export interface SshCommandResult extends CommandResult {
  /** The signal that ended it, for example `SIGTERM`; the exit code is then 128 and more. */
  readonly signal: string | undefined;
  /** Whether the beginning of the output was dropped. */
  readonly truncated: boolean;
  /**
   * The bytes of `stdout`, for output that is no text: a text has U+FFFD where they are no UTF-8. A session over SSH
   * has them; they are not enumerable, so that a result that is written down is text. What stands in for one may not.
   */
  readonly stdoutBytes?: Buffer;
  /** The bytes of `stderr`. */
  readonly stderrBytes?: Buffer;
}

/** How a directory is put onto a node. */
export interface SshCopyOptions {
  readonly signal?: AbortSignal;
  /** User and group of all that is copied, for example `root:root` or `0:0`. Default with sudo: root; without: the login user. */
  readonly owner?: string;
  /** Write as root. Default false. */
  readonly sudo?: boolean;
  /** Told of bytes sent so far. */
  readonly onProgress?: (sentBytes: number) => void;
}

/** How a file is put onto a node. */
export interface SshWriteOptions {
  readonly signal?: AbortSignal;
  /** Permission bits; default 0644. */
  readonly mode?: number;
  /** User and group, for example `root:root` or `0:0`. Default with sudo: root; without: the login user. */
  readonly owner?: string;
  /** Put it in place as root; needed wherever the login user may not write. Default false. */
  readonly sudo?: boolean;
  /** Told of bytes sent so far. */
  readonly onProgress?: (sentBytes: number) => void;
}

export interface SshReadOptions {
  readonly signal?: AbortSignal;
  /** Refuse larger files; default 16 MiB. */
  readonly maxBytes?: number;
  /** Read it as root. Default false. */
  readonly sudo?: boolean;
}

/**
 * A login on a node. Dispose of it to disconnect.
 *
 * @remarks Every method may throw RuntimeError `SSH_CONNECTION_LOST`, and the signal's reason when it fires.
 */
export interface SshSession extends AsyncDisposable {
  readonly username: string;
  /** `user@host`, for messages. */
  readonly place: string;
  /** The verified key of the server, in one-line form. */
  readonly hostKey: string;
  /** Fulfilled when the connection is over, for whatever reason. */
  readonly closed: Promise<void>;

  /**
   * Runs a command: a line for `sh`, or a program with arguments, quoted for it.
   *
   * @remarks The line is read by `sh`, whatever the login shell is. A command whose time is over, or that is aborted,
   * is ended on the node, and so is what it started; a background process of a command that ended is left alone.
   * @throws RuntimeError `COMMAND_FAILED`, `COMMAND_NOT_FOUND`, `COMMAND_TIMEOUT`, `COMMAND_INVALID`,
   * `COMMAND_STILL_RUNNING` (it could not be ended), `SSH_NO_SHELL`, `SSH_CHANNEL_REFUSED`, `SSH_SUDO_REFUSED`,
   * `SSH_SUDO_MISSING`, `SSH_SUDO_NEEDS_TTY`, `SSH_PASSWORD_EXPIRED`.
   */
  exec(command: string | readonly string[], options?: SshExecOptions): Promise<SshCommandResult>;
  /** Opens the login shell on a terminal, for dialogues. */
  openTerminal(options?: { readonly signal?: AbortSignal }): Promise<SshTerminal>;

  /**
   * Writes a file: all of it or nothing, through a temporary file beside it and a rename. Missing parents are made.
   *
   * @throws RuntimeError `SSH_FILE_DENIED`, `SSH_FILE_FAILED`, `SSH_SUDO_REFUSED`.
   */
  writeFile(path: string, content: string | Uint8Array, options?: SshWriteOptions): Promise<void>;
  /** Sends a file of this machine, as {@link writeFile} does. @throws also RuntimeError `LOCAL_FILE_UNREADABLE`. */
  upload(localPath: string, remotePath: string, options?: SshWriteOptions): Promise<void>;
  /**
   * Copies what is in a directory of this machine into one of the node, which is made if it is missing.
   *
   * @remarks Modes and symbolic links are kept as they are; links are not followed, here or there. What is there beside
   * it stays, and so do mode and owner of a directory that exists. Files come one after the other: a copy that fails or
   * is aborted leaves those that have come. Where the node has GNU tar it is one stream, else entry by entry.
   * @throws RuntimeError `SSH_FILE_DENIED`, `SSH_FILE_FAILED`, `SSH_SUDO_REFUSED`, `LOCAL_FILE_UNREADABLE`.
   */
  copyDirectory(localDirectory: string, remoteDirectory: string, options?: SshCopyOptions): Promise<void>;
  /** @throws RuntimeError `SSH_FILE_NOT_FOUND`, `SSH_FILE_DENIED`, `SSH_FILE_FAILED`. */
  readFile(path: string, options?: SshReadOptions): Promise<Buffer>;
  /**
   * Fetches a file into a new file of this machine, mode 0600; nothing is left behind when it fails.
   *
   * @throws RuntimeError as {@link readFile}, and `LOCAL_FILE_UNWRITABLE`, also when the local file exists already.
   */
  download(remotePath: string, localPath: string, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** A shell on a terminal. */
export interface SshTerminal extends TextChannel, AsyncDisposable {
  /** How the shell ended, when it has. */
  readonly ended: Promise<{ readonly exitCode: number | undefined; readonly signal: string | undefined }>;
}
