import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client, SFTPWrapper } from 'ssh2';
import { RuntimeError } from '../runtime-error.js';
import { connectionLost } from './run-channel.js';
import { fileFailure, sftpCall } from './sftp-call.js';
import type { SshReadOptions, SshSession, SshWriteOptions } from './ssh-session.js';

const SIXTEEN_MIB = 16 * 1024 * 1024;
const PIECE = 256 * 1024;

/** Files of a node over SFTP, with root's help where the login user may not write. */
export class SftpFiles {
  #channel: Promise<SFTPWrapper> | undefined;

  constructor(
    readonly client: Client,
    readonly session: Pick<SshSession, 'place' | 'username' | 'exec' | 'closed'>,
  ) {}

  async upload(localPath: string, remotePath: string, options: SshWriteOptions): Promise<void> {
    const file = await open(localPath, 'r').catch((cause: unknown) => {
      throw new RuntimeError('LOCAL_FILE_UNREADABLE', `The local file ${localPath} cannot be read.`, {
        cause,
      });
    });
    await file.close();
    await this.write(remotePath, createReadStream(localPath, { highWaterMark: PIECE }), options);
  }

  async write(path: string, content: Uint8Array | Readable, options: SshWriteOptions): Promise<void> {
    const { mode = 0o644, sudo = false, signal } = options;
    const asRoot = sudo && this.session.username !== 'root';
    const id = randomBytes(8).toString('hex');
    const directory = dirname(path);
    if (!path.startsWith('/'))
      throw fileFailure('write', path, this.session.place, new Error('the path is not absolute'));
    if (!asRoot) await this.#makeParents(directory, options);
    const beside = join(directory, `.turingpi-${id}`);
    const staged = asRoot ? join('/tmp', `turingpi-${id}`) : beside;
    const sftp = await this.#sftp();
    try {
      await this.#send(sftp, staged, content, options);
      if (asRoot) {
        const octal = mode.toString(8);
        const [owner, group] = (options.owner ?? 'root:root').split(':');
        const run = (command: readonly string[]): Promise<unknown> =>
          this.session.exec(command, { sudo: true, ...(signal ? { signal } : {}) });
        await run(['mkdir', '-p', '--', directory]);
        await run([
          'install',
          '-m',
          octal,
          '-o',
          owner ?? 'root',
          '-g',
          group ?? owner ?? 'root',
          '--',
          staged,
          beside,
        ]);
        await run(['mv', '-f', '-T', '--', beside, path]);
        await run(['rm', '-f', '--', staged]);
        return;
      }
      await sftpCall('change the mode of', path, this.session.place, (done) =>
        sftp.chmod(staged, mode, done),
      );
      if (options.owner !== undefined)
        await this.session.exec(['chown', options.owner, staged], signal ? { signal } : {});
      await this.#putInPlace(sftp, staged, path, signal);
    } catch (error) {
      await this.#removeQuietly(staged);
      throw error;
    }
  }

  async read(path: string, options: SshReadOptions): Promise<Buffer> {
    const maxBytes = options.maxBytes ?? SIXTEEN_MIB;
    const signal = options.signal ? { signal: options.signal } : {};
    if (options.sudo === true && this.session.username !== 'root')
      return this.#readAsRoot(path, maxBytes, signal);
    const sftp = await this.#sftp();
    const pieces: Buffer[] = [];
    let length = 0;
    try {
      const stream: Readable = sftp.createReadStream(path, { highWaterMark: PIECE });
      for await (const piece of stream as AsyncIterable<Buffer>) {
        options.signal?.throwIfAborted();
        pieces.push(piece);
        length += piece.length;
        if (length > maxBytes) throw tooLarge(path, this.session.place, maxBytes);
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      throw fileFailure('read', path, this.session.place, error);
    }
    return Buffer.concat(pieces);
  }

  async download(remotePath: string, localPath: string, signal: AbortSignal | undefined): Promise<void> {
    const sftp = await this.#sftp();
    const local = await open(localPath, 'wx', 0o600).catch((cause: unknown) => {
      throw new RuntimeError('LOCAL_FILE_UNWRITABLE', `The local file ${localPath} cannot be created.`, {
        cause,
      });
    });
    try {
      await pipeline(sftp.createReadStream(remotePath), local.createWriteStream(), signal ? { signal } : {});
    } catch (error) {
      await rm(localPath, { force: true });
      signal?.throwIfAborted();
      throw fileFailure('fetch', remotePath, this.session.place, error);
    }
  }

  async #send(
    sftp: SFTPWrapper,
    path: string,
    content: Uint8Array | Readable,
    options: SshWriteOptions,
  ): Promise<void> {
    let sent = 0;
    const source =
      content instanceof Readable ? content : Readable.from(slices(content), { objectMode: false });
    source.on('data', (piece: Buffer) => options.onProgress?.((sent += piece.length)));
    source.pause();
    try {
      // `wx`: a file or link that somebody else put there is never written through.
      await pipeline(
        source,
        sftp.createWriteStream(path, { flags: 'wx', mode: 0o600 }),
        options.signal ? { signal: options.signal } : {},
      );
    } catch (error) {
      options.signal?.throwIfAborted();
      throw fileFailure('write', path, this.session.place, error);
    }
  }

  async #putInPlace(sftp: SFTPWrapper, staged: string, path: string, signal?: AbortSignal): Promise<void> {
    try {
      await sftpCall('put in place', path, this.session.place, (done) =>
        sftp.ext_openssh_rename(staged, path, done),
      );
    } catch (error) {
      // A plain SFTP rename does not replace; a server without OpenSSH's extension leaves the shell's.
      if (!(error instanceof Error) || !error.message.includes('does not support')) throw error;
      await this.session.exec(['mv', '-f', '-T', '--', staged, path], signal ? { signal } : {});
    }
  }

  async #makeParents(directory: string, options: SshWriteOptions): Promise<void> {
    const sftp = await this.#sftp();
    const missing: string[] = [];
    for (let at = directory; at !== '/'; at = dirname(at)) {
      options.signal?.throwIfAborted();
      if (await exists(sftp, at)) break;
      missing.unshift(at);
    }
    for (const at of missing)
      await sftpCall('make the directory', at, this.session.place, (done) =>
        sftp.mkdir(at, { mode: 0o755 }, done),
      );
  }

  async #readAsRoot(path: string, maxBytes: number, signal: { signal?: AbortSignal }): Promise<Buffer> {
    const encoded = await this.session
      .exec(['base64', '-w', '0', '--', path], {
        sudo: true,
        maxOutputBytes: Math.ceil(maxBytes * 1.4),
        ...signal,
      })
      .catch((error: unknown) => {
        if (error instanceof RuntimeError && error.code === 'COMMAND_FAILED')
          throw fileFailure('read', path, this.session.place, error);
        throw error;
      });
    if (encoded.truncated) throw tooLarge(path, this.session.place, maxBytes);
    return Buffer.from(encoded.stdout, 'base64');
  }

  async #removeQuietly(path: string): Promise<void> {
    const sftp = await this.#sftp().catch(() => undefined);
    // Its failure must not hide the one that led here; the file is empty or private.
    await new Promise<void>((resolve) => {
      if (sftp === undefined) resolve();
      else sftp.unlink(path, () => resolve());
      void this.session.closed.then(resolve);
    });
  }

  #sftp(): Promise<SFTPWrapper> {
    this.#channel ??= new Promise((resolve, reject) => {
      try {
        this.client.sftp((error, sftp: SFTPWrapper | undefined) => {
          if (sftp === undefined) {
            this.#channel = undefined;
            reject(connectionLost(this.session.place, error));
            return;
          }
          sftp.on('close', () => (this.#channel = undefined));
          resolve(sftp);
        });
      } catch (error) {
        this.#channel = undefined;
        reject(connectionLost(this.session.place, error));
      }
    });
    return this.#channel;
  }
}

function* slices(content: Uint8Array): Generator<Buffer> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

function exists(sftp: SFTPWrapper, path: string): Promise<boolean> {
  return new Promise((resolve) => sftp.stat(path, (error) => resolve(error === undefined)));
}

function tooLarge(path: string, place: string, maxBytes: number): RuntimeError {
  return new RuntimeError('SSH_FILE_FAILED', `${path} on ${place} is larger than ${maxBytes} bytes.`, {
    details: { path, place, maxBytes },
  });
}
