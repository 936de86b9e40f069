import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DockerHost, DockerRuntime } from '../../../packages/image-docker/src/index.js';
import { importDockerImage, requireDocker } from './require-docker.js';

const run = promisify(execFile);
const { missing } = requireDocker();
const REAL_SOCKET = '/var/run/docker.sock';
const quiet = () => new AbortController().signal;

describe.skipIf(missing)('DockerRuntime', () => {
  let folder: string;
  let runtime: DockerRuntime;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'turingpi-docker-runtime-'));
    const volumes = [{ host: folder, container: '/shared' }];
    runtime = await DockerRuntime.start({ image: await importDockerImage(), volumes, signal: quiet() });
  });
  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('runs a program with arguments, input, directory and environment, without a shell', async () => {
    const options = { input: 'in', env: { WORD: 'w' }, cwd: '/bin' };
    const script = 'cat; printf %s "$0$WORD:$PWD"; echo bad >&2';
    expect(await runtime.run(['sh', '-c', script, '$HOME && x'], options)).toEqual({
      exitCode: 0,
      stdout: 'in$HOME && xw:/bin',
      stderr: 'bad\n',
    });
    const input = Buffer.alloc(3_000_000, 'a');
    expect(await runtime.run(['wc', '-c'], { input })).toMatchObject({ stdout: '3000000\n' });
  });

  it('has the directories of this computer that it was given, and no network', async () => {
    await writeFile(join(folder, 'there'), 'from here');
    expect(await runtime.run(['cat', '/shared/there'])).toMatchObject({ stdout: 'from here' });
    await runtime.run(['sh', '-c', 'echo back > /shared/back']);
    expect(await readFile(join(folder, 'back'), 'utf8')).toBe('back\n');
    const { stdout } = await runtime.run(['ls', '/sys/class/net']);
    expect(stdout).toBe('lo\n');
  });

  it('says how a program failed, with its last lines', async () => {
    const fail = ['sh', '-c', 'echo one >&2; exit 4'];
    await expect(runtime.run(fail)).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringMatching(/a container of .* ended with exit code 4:\none$/) as string,
    });
    expect(await runtime.run(fail, { allowFailure: true })).toMatchObject({ exitCode: 4, stderr: 'one\n' });
  });

  it('names what is not there, and refuses an empty command', async () => {
    const missing = { code: 'COMMAND_NOT_FOUND' };
    await expect(runtime.run(['no-such'], { allowFailure: true })).rejects.toMatchObject(missing);
    await expect(runtime.run(['true'], { cwd: '/no/such' })).rejects.toMatchObject({
      ...missing,
      message: expect.stringContaining('/no/such') as string,
    });
    await expect(runtime.run([])).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
  });

  it('ends what takes too long, with all that it began, and passes an abort through', async () => {
    const busy = ['sh', '-c', 'sleep 4321 & echo up; sleep 4321'];
    await expect(runtime.run(busy, { timeoutMs: 500 })).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = runtime.run(busy, { signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(running).rejects.toBe(reason);
    expect((await runtime.run(['ps', '-o', 'args'])).stdout).not.toContain('4321');
  });

  it('keeps only the end of too much output', async () => {
    const { stdout } = await runtime.run(['sh', '-c', 'head -c 1000000 /dev/zero | tr "\\0" x; echo end'], {
      maxOutputBytes: 10,
    });
    expect(stdout).toBe('xxxxxxend\n');
  });

  it('is gone when it is disposed of, and says so when its container is', async () => {
    const image = await importDockerImage();
    const count = async () => (await run('docker', ['ps', '-aq', '--no-trunc'])).stdout.trim().split('\n');
    const before = await count();
    await using own = await DockerRuntime.start({ image, signal: quiet() });
    const [id = ''] = (await count()).filter((known) => !before.includes(known));
    const running = own.run(['sleep', '4321']);
    running.catch(() => undefined);
    await run('docker', ['rm', '-f', id]);
    await expect(running).rejects.toMatchObject({ code: 'DOCKER_CONTAINER_FAILED' });
    await expect(own.run(['true'])).rejects.toMatchObject({ code: 'DOCKER_CONTAINER_FAILED' });
    await own[Symbol.asyncDispose]();
    expect(await count()).not.toContain(id);
  });

  it('refuses an image that Docker does not have', async () => {
    const none = DockerRuntime.start({ image: 'turingpi-no-such-image:1', signal: quiet() });
    await expect(none).rejects.toMatchObject({ code: 'DOCKER_IMAGE_MISSING' });
  });

  it('keeps to its time limit when the daemon falls silent, at whatever it was asked', async () => {
    await using daemon = await FadingDaemon.start(join(folder, 'docker.sock'));
    const connection = { socketPath: daemon.socketPath, agent: new Agent({ keepAlive: false }) };
    const host = new DockerHost({ connection, answerTimeoutMs: 300 });
    const image = await importDockerImage();
    const started = await DockerRuntime.start({ image, host, signal: quiet() });
    try {
      expect(await started.run(['echo', 'there'])).toMatchObject({ stdout: 'there\n' });
      // Asked to make a program, to begin it, how it ended, and to make and begin what kills it.
      const cases = [
        { requests: 0, command: ['true'], timeoutMs: 400, code: 'COMMAND_TIMEOUT' },
        { requests: 1, command: ['true'], timeoutMs: 400, code: 'COMMAND_TIMEOUT' },
        { requests: 2, command: ['true'], timeoutMs: 20_000, code: 'DOCKER_DAEMON_DOWN' },
        { requests: 3, command: ['sleep', '3'], timeoutMs: 1000, code: 'COMMAND_TIMEOUT' },
      ];
      for (const { requests, command, timeoutMs, code } of cases) {
        daemon.fallSilentAfter(requests);
        await expect(started.run(command, { timeoutMs }), command.join(' ')).rejects.toMatchObject({ code });
        daemon.speakAgain();
      }
      expect(await started.run(['echo', 'again'])).toMatchObject({ stdout: 'again\n' });
      daemon.fallSilentAfter(0);
      const stop = new AbortController();
      const starting = DockerRuntime.start({ image, host, signal: stop.signal });
      stop.abort(new Error('enough'));
      await expect(starting).rejects.toThrow('enough');
      await expect(DockerRuntime.start({ image, host, signal: quiet() })).rejects.toMatchObject({
        code: 'DOCKER_DAEMON_DOWN',
      });
    } finally {
      daemon.speakAgain();
      await started[Symbol.asyncDispose]();
    }
  });
});

/** The real daemon behind a socket that answers only so many requests more, as one does that hangs. */
class FadingDaemon implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  #left = Number.POSITIVE_INFINITY;

  private constructor(
    readonly socketPath: string,
    private readonly server: Server,
  ) {
    server.on('connection', (client: Socket) => {
      this.#sockets.add(client);
      client.on('error', () => undefined);
      if (this.#left <= 0) return; // it listens, and that is all
      this.#left -= 1;
      const real = connect(REAL_SOCKET);
      this.#sockets.add(real);
      real.on('error', () => client.destroy());
      client.on('close', () => real.destroy());
      client.pipe(real).pipe(client);
    });
  }

  static async start(socketPath: string): Promise<FadingDaemon> {
    const server = createServer({ allowHalfOpen: true });
    const daemon = new FadingDaemon(socketPath, server);
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    return daemon;
  }

  fallSilentAfter(requests: number): void {
    this.#left = requests;
  }

  speakAgain(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
