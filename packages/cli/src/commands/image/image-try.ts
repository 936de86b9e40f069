import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CleanupStack, Secret } from '@turingpi/foundation';
import type { SshSession, SshTarget } from '@turingpi/runtime';
import type { ImageFiles } from '@turingpi/image';
import { EXIT } from '../../process/exit-codes.js';
import { remark } from '../../process/remark.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { type ImageCommandOptions, type ImageWork, withImageWork } from './image-command.js';

/** What `image try` is told. */
export interface ImageTryOptions extends ImageCommandOptions {
  /** IPv4 address that the system takes. Default: what DHCP gives it. */
  readonly address?: string;
  readonly user?: string;
  /** File of the private key that the system lets in. */
  readonly identity?: string;
  /** A command for the system's shell. Default: to log in is enough. */
  readonly run?: string;
  /** Where the disk stays. Default: it is removed. */
  readonly keep?: string;
  /** Bytes of the disk, at least those of the image. */
  readonly size: number;
  /** Seconds until it must let us in. */
  readonly timeout: number;
}

const LOOPBACK = '127.0.0.1';
/** Keys are agreed on slowly by an emulated processor. */
const CONNECT_MS = 60_000;

/**
 * `turingpi image try FILE`: boots an image in QEMU, shows its console, and asks over SSH whether it is up.
 *
 * @returns 0 when it let us in and the check succeeded.
 * @throws UsageError; MachineError; ImageError; RuntimeError as `waitForSsh`.
 */
export async function imageTry(file: string, options: ImageTryOptions, terminal: Terminal): Promise<number> {
  const { user, identity, json = false } = options;
  if (user === undefined || identity === undefined)
    throw new UsageError('nobody is named who logs in', 'Give --user and --identity.');
  const say = (text: string) => (json ? undefined : remark(terminal, text));
  const event = (content: object) => void terminal.stdout.write(`${JSON.stringify(content)}\n`);
  const onConsole = (text: string): void => {
    if (json) event({ event: 'console', text });
    else if (terminal.quiet !== true) terminal.stdout.write(text);
  };
  return withImageWork(options, terminal, async (work) => {
    await using cleanup = new CleanupStack();
    const privateKey = new Secret(await readIdentity(path.resolve(terminal.cwd, identity)));
    const hostKeys = await hostKeysIn(work, file);
    const emmcPath = await placeForDisk(options.keep, terminal, cleanup);
    say(`unpacking ${file}`);
    await unpack(work, path.resolve(terminal.cwd, file), emmcPath);
    const { createQemuMachine } = await import('@turingpi/virtual-node');
    const machine = cleanup.use(
      'machine',
      await createQemuMachine({
        ...{ slot: 1, boardType: 'rk1', emmcPath, emmcSizeBytes: options.size },
        ...(options.address !== undefined && { address: options.address }),
        ...{ ssh: { host: LOOPBACK, port: 0 }, onConsole },
      }),
    );
    const startedAt = Date.now();
    const { ended } = await machine.boot();
    const target: SshTarget = { ...machine.ssh, username: user, auth: { privateKey }, hostKeys };
    await using session = await whenUp(target, options, { signal: work.signal, ended });
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    say(`it let ${user} in after ${seconds} s`);
    const { run = 'true' } = options;
    const { exitCode, ...texts } = await session.exec(run, { signal: work.signal, allowFailure: true });
    if (json) event({ event: 'tried', seconds, exitCode, stdout: texts.stdout, stderr: texts.stderr });
    else {
      terminal.stdout.write(texts.stdout);
      terminal.stderr.write(texts.stderr);
    }
    if (exitCode !== 0) say(`the check ended with ${exitCode}: ${run}`);
    if (options.keep !== undefined) say(`the disk is ${emmcPath}`);
    return exitCode === 0 ? EXIT.ok : EXIT.failed;
  });
}

/** Nothing is left of a disk that was not written to its end. */
async function unpack(work: ImageWork, file: string, disk: string): Promise<void> {
  await using handle = await open(disk, 'wx'); // nobody's file is written over
  try {
    const { stream } = await work.engine.stream(file, 'raw', work.options);
    await pipeline(stream, handle.createWriteStream(), { signal: work.signal });
  } catch (error) {
    await rm(disk, { force: true });
    throw error;
  }
}

async function whenUp(
  target: SshTarget,
  { timeout }: ImageTryOptions,
  { signal, ended }: { readonly signal: AbortSignal; readonly ended: Promise<string> },
): Promise<SshSession> {
  const [{ waitForSsh }, { MachineError }] = await Promise.all([
    import('@turingpi/runtime'),
    import('@turingpi/virtual-node'),
  ]);
  const off = new AbortController();
  void ended.then((complaint) => {
    const why = complaint === '' ? 'it has switched itself off' : complaint;
    const hint = 'What it printed is above.';
    off.abort(new MachineError('MACHINE_QEMU_FAILED', `nobody was let in: ${why}`, { hint }));
  });
  return await waitForSsh(target, {
    signal: AbortSignal.any([signal, off.signal]),
    ...{ timeoutMs: timeout * 1000, connectTimeoutMs: CONNECT_MS },
  });
}

async function readIdentity(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(`the private key ${file} cannot be read: ${why}`);
  }
}

/** The keys in the image; it makes some at its first boot where it has none, and nobody else is behind that port. */
async function hostKeysIn(work: ImageWork, file: string): Promise<SshTarget['hostKeys']> {
  await using session = await work.open(file);
  const keys = await publicKeys(await session.files('root'));
  return keys.length > 0 ? keys : () => true;
}

async function publicKeys(root: ImageFiles): Promise<string[]> {
  if (!(await root.exists('/etc/ssh'))) return [];
  const names = (await root.list('/etc/ssh')).map(({ name }) => name);
  const files = names.filter((name) => /^ssh_host_\w+_key\.pub$/.test(name));
  return await Promise.all(
    files.map(async (name) => (await root.readFile(`/etc/ssh/${name}`)).toString('utf8').trim()),
  );
}

async function placeForDisk(
  keep: string | undefined,
  terminal: Terminal,
  cleanup: CleanupStack,
): Promise<string> {
  if (keep !== undefined) {
    const file = path.resolve(terminal.cwd, keep);
    if (await stat(file).catch(() => undefined)) throw new UsageError(`${file} is there already`);
    return file;
  }
  const directory = await mkdtemp(path.join(tmpdir(), 'turingpi-try-'));
  cleanup.defer('disk', () => rm(directory, { recursive: true, force: true }));
  return path.join(directory, 'disk.img');
}
