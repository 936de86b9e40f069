import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  stat,
  lstat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { ProcessLocalRuntime, RuntimeError, type SshExecOptions, type SshSession } from '@turingpi/runtime';
import type { ActionEnvironment, PostInstallAction } from './post-install-action.js';
import { readSecretSource } from '../credential/read-secret-source.js';

/** This computer as if it were the node, or a root directory on it: commands really run, as the user of the test. */
export class HostNode {
  /** What was run, for people. */
  readonly commands: string[] = [];
  /** Paths that were written. */
  readonly written: string[] = [];

  /**
   * @param enter - what commands are run with, for example `['chroot', root]`
   * @param root - where files of the node are on this computer
   * @param programs - the PATH of commands
   */
  constructor(
    private readonly enter: readonly string[] = [],
    private readonly root = '/',
    private readonly programs = process.env['PATH'],
  ) {}

  /** What an action does its work with. */
  environment(baseDir = '/', more: Partial<ActionEnvironment> = {}): ActionEnvironment {
    return {
      node: { id: 1, hostname: 'node1', ipAddress: '127.0.0.1' },
      signal: new AbortController().signal,
      baseDir,
      progress: () => undefined,
      session: () => Promise.resolve(this.session),
      reboot: () => Promise.resolve(),
      moveTo: () => Promise.resolve(this.session),
      local: new ProcessLocalRuntime(),
      digest: (content) => Promise.resolve(createHash('sha256').update(content).digest('hex')),
      secret: (source) => readSecretSource(source, process.env),
      redact: (text) => text,
      ...more,
    };
  }

  /** Does an action as a step of a configuration file says it. @returns Its result. */
  async perform(action: PostInstallAction, step: object, baseDir?: string): Promise<Record<string, unknown>> {
    const { schema, options = {}, id } = action;
    const { [id]: value, ...given } = step as Record<string, unknown>;
    const input: unknown = schema?.parse(value);
    for (const [key, optional] of Object.entries(options))
      if (key in given) given[key] = optional.parse(given[key]);
    const whole = Object.keys(options).length === 0 ? input : { ...(input as object), ...given };
    const environment = this.environment(baseDir);
    const performed = await action.perform(whole, environment);
    return performed as Record<string, unknown>;
  }

  readonly session = {
    username: 'root',
    place: 'root@node1',
    hostKey: '',
    closed: new Promise(() => undefined),
    exec: (command: string | readonly string[], options: SshExecOptions = {}) => this.#exec(command, options),
    readFile: async (file: string) =>
      readFile(this.#real(file)).catch((cause: unknown) => {
        throw new RuntimeError('SSH_FILE_NOT_FOUND', `no ${file}`, { cause });
      }),
    writeFile: (file: string, content: string | Uint8Array, { mode = 0o644, owner = '0:0' } = {}) =>
      this.#write(file, content, mode, owner),
    upload: async (local: string, file: string, { mode = 0o644 } = {}) =>
      this.#write(file, await readFile(local), mode, '0:0'),
  } as unknown as SshSession;

  #real(file: string): string {
    return path.join(this.root, file);
  }

  async #write(file: string, content: string | Uint8Array, mode: number, owner: string): Promise<void> {
    this.written.push(file);
    const real = this.#real(file);
    await mkdir(path.dirname(real), { recursive: true });
    await writeFile(`${real}.new`, content);
    await chmod(`${real}.new`, mode);
    const ids = owner.replaceAll('root', '0').split(':').map(Number);
    if (process.getuid?.() === 0) await chown(`${real}.new`, ids[0] ?? 0, ids[1] ?? ids[0] ?? 0);
    await rename(`${real}.new`, real);
  }

  #exec(command: string | readonly string[], { input, allowFailure = false, signal }: SshExecOptions) {
    const argv = typeof command === 'string' ? ['sh', '-c', command] : command;
    this.commands.push(argv.join(' '));
    const [program = '', ...words] = [...this.enter, ...argv];
    const env = { ...process.env, PATH: this.programs };
    return new Promise((resolve, reject) => {
      const child = spawn(program, words, {
        env,
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(signal && { signal }),
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
      child.on('error', (error) => {
        if (signal?.aborted === true) reject(signal.reason as Error);
        else resolve({ exitCode: 127, stdout, stderr: String(error), signal: undefined, truncated: false });
      });
      child.on('close', (code) => {
        const exitCode = code ?? 255;
        if (exitCode === 0 || allowFailure)
          resolve({ exitCode, stdout, stderr, signal: undefined, truncated: false });
        else
          reject(new RuntimeError('COMMAND_FAILED', `${argv.join(' ')} ended with ${exitCode}: ${stderr}`));
      });
    });
  }
}

/** Everything below a directory that an action could change, for comparison: names, kinds, modes, owners, contents. */
export async function treeOf(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory, { recursive: true });
  const lines = await Promise.all(
    names.map(async (name) => {
      const file = path.join(directory, name);
      const { mode, uid, gid, mtimeMs, ino } = await lstat(file);
      const kind = await stat(file).catch(() => undefined);
      const content =
        (await readlink(file).catch(() => undefined)) ?? (kind?.isFile() ? await readFile(file, 'utf8') : '');
      return JSON.stringify([name, mode.toString(8), uid, gid, mtimeMs, ino, content]);
    }),
  );
  return lines.sort();
}
