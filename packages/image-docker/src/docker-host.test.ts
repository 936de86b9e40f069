import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackendImageEngine } from '@turingpi/image/backend';
import { containerOptions } from './container-options.js';
import { DockerBackend } from './docker-backend.js';
import { dockerError } from './docker-error.js';
import { DockerHost } from './docker-host.js';
import { DockerLeftovers } from './docker-leftovers.js';

const { signal } = new AbortController();

describe('DockerHost', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'docker-host-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const host = (platform: NodeJS.Platform, options: object = {}) =>
    new DockerHost({
      platform,
      searchPath: [directory],
      connection: { socketPath: join(directory, 'docker.sock') },
      ...options,
    });

  it.each([
    ['linux', 'apt install docker.io'],
    ['darwin', 'brew install --cask docker'],
    ['win32', 'winget install Docker.DockerDesktop'],
  ] as const)('says on %s how Docker is installed', async (platform, cure) => {
    expect(await host(platform).failure(signal)).toMatchObject({
      code: 'DOCKER_NOT_INSTALLED',
      hint: expect.stringContaining(cure) as string,
    });
  });

  it.each([
    ['linux', 'docker', 'systemctl start docker'],
    ['darwin', 'docker', 'open -a Docker'],
    ['win32', 'docker.exe', 'Start menu'],
  ] as const)('says on %s how its daemon is started', async (platform, program, cure) => {
    await writeFile(join(directory, program), '');
    await chmod(join(directory, program), 0o755);
    expect(await host(platform).failure(signal)).toMatchObject({
      code: 'DOCKER_DAEMON_DOWN',
      hint: expect.stringContaining(cure) as string,
    });
  });

  it.each([
    ['linux', 'usermod -aG docker'],
    ['win32', 'docker-users'],
  ] as const)('says on %s how one may use it', (platform, cure) => {
    const denied = Object.assign(new Error('connect EACCES'), { code: 'EACCES' });
    expect(dockerError(denied, platform, true)).toMatchObject({
      code: 'DOCKER_PERMISSION',
      hint: expect.stringContaining(cure) as string,
    });
  });

  it.each([
    ['ECONNREFUSED', { address: '192.0.2.1', port: 2375 }, '192.0.2.1'],
    ['ENOTFOUND', { hostname: 'docker.example' }, 'docker.example'],
    ['ETIMEDOUT', { address: '192.0.2.1', port: 2375 }, '192.0.2.1'],
    ['ENETUNREACH', { address: '192.0.2.1', port: 2375 }, '192.0.2.1'],
  ])('names a Docker elsewhere that cannot be reached: %s', (code, facts, where) => {
    const error = Object.assign(new Error(`connect ${code}`), { code, ...facts });
    expect(dockerError(error, 'linux', true)).toMatchObject({
      code: 'DOCKER_UNREACHABLE',
      message: expect.stringContaining(where) as string,
      hint: expect.stringContaining('DOCKER_HOST') as string,
    });
  });

  it('does not wait for ever for a daemon that says nothing, and not at all after an abort', async () => {
    const server = createServer(() => undefined);
    server.listen(join(directory, 'docker.sock'));
    await once(server, 'listening');
    try {
      expect(await host('linux', { answerTimeoutMs: 50 }).failure(signal)).toMatchObject({
        code: 'DOCKER_DAEMON_DOWN',
        hint: expect.stringContaining('systemctl restart docker') as string,
      });
      expect(await new DockerLeftovers(host('linux', { answerTimeoutMs: 50 })).find()).toEqual([]);
      const stop = new AbortController();
      const asking = host('linux').failure(stop.signal);
      server.once('request', () => stop.abort(new Error('stopped')));
      await expect(asking).rejects.toThrow('stopped');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('names the image that is missing, before anything is written', async () => {
    const server = createServer((request, response) => {
      const isPing = request.url?.endsWith('/_ping') === true;
      response.writeHead(isPing ? 200 : 404, { 'content-type': 'application/json' });
      response.end(isPing ? 'OK' : '{"message":"No such image"}');
    });
    server.listen(join(directory, 'docker.sock'));
    await once(server, 'listening');
    try {
      const connection = { socketPath: join(directory, 'docker.sock') };
      const backend = new DockerBackend({ connection, image: 'nobody/nothing:1' });
      const cacheDir = join(directory, 'cache');
      await expect(backend.open('/nothing.img', { signal, cacheDir }, 'test')).rejects.toMatchObject({
        code: 'DOCKER_IMAGE_MISSING',
        message: expect.stringContaining('nobody/nothing:1') as string,
        hint: expect.stringContaining('docker pull nobody/nothing:1') as string,
      });
    } finally {
      server.close();
    }
  });

  it('gives its error with its cure to whoever asked for docker', async () => {
    const options = { searchPath: [directory], connection: { socketPath: join(directory, 'docker.sock') } };
    const engine = new BackendImageEngine([new DockerBackend(options)]);
    const opening = engine.open('/nothing.img', { signal, cacheDir: directory, backend: 'docker' });
    await expect(opening).rejects.toMatchObject({ code: 'DOCKER_NOT_INSTALLED' });
  });
});

describe('containerOptions', () => {
  const request = {
    image: 'helper:1',
    command: ['sh'],
    owner: { pid: 42, host: 'here', computer: '0123abcd', start: 'boot:7' },
    volumes: [
      { host: 'C:\\Users\\me\\images', container: '/source', readOnly: true },
      { host: 'C:\\Users\\me\\cache', container: '/work' },
    ],
  };

  it('asks for what mounting needs and for no more', () => {
    const { HostConfig, NetworkDisabled } = containerOptions(request);
    expect(NetworkDisabled).toBe(true);
    expect(HostConfig).toMatchObject({
      NetworkMode: 'none',
      AutoRemove: true,
      CapDrop: ['ALL'],
      CapAdd: ['SYS_ADMIN', 'DAC_OVERRIDE', 'CHOWN', 'FOWNER', 'FSETID', 'MKNOD'],
      DeviceCgroupRules: ['b 7:* rmw', 'c 10:237 rmw'],
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
    });
    expect(HostConfig).not.toHaveProperty('Privileged');
  });

  it('asks for the volumes as the host writes their paths', () => {
    expect(containerOptions(request).HostConfig?.Mounts).toEqual([
      { Type: 'bind', Source: '/dev', Target: '/dev' },
      { Type: 'bind', Source: 'C:\\Users\\me\\images', Target: '/source', ReadOnly: true },
      { Type: 'bind', Source: 'C:\\Users\\me\\cache', Target: '/work', ReadOnly: false },
    ]);
  });

  it('says whose it is, and lets its user change the rest', () => {
    const options = containerOptions({ ...request, hostConfig: { Memory: 1e9 } });
    expect(options.Labels).toEqual({
      'dev.turingpi.job': 'image',
      'dev.turingpi.pid': '42',
      'dev.turingpi.host': 'here',
      'dev.turingpi.computer': '0123abcd',
      'dev.turingpi.start': 'boot:7',
    });
    expect(options.HostConfig).toMatchObject({ Memory: 1e9, NetworkMode: 'none' });
  });
});
