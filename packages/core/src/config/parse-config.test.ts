import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Secret } from '@turingpi/foundation';
import { parseConfig } from './parse-config.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-config-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const node = { ip: '192.168.1.100', board: 'rk1' };
const minimal = { ip: '192.168.1.90', node1: node };
const parse = (input: unknown, environment: Record<string, string> = {}) =>
  parseConfig(input, { baseDir: directory, environment });

describe('a valid configuration', () => {
  it('gets its defaults', async () => {
    const config = await parse(minimal);
    expect(config).toMatchObject({
      stateFileName: 'tpi_state.json',
      cacheMaxBytes: 20e9,
      network: {
        gateway: '192.168.1.1',
        dnsServers: ['192.168.1.1'],
        prefixLength: 24,
        hostnamePattern: 'turingpi-node{id}',
      },
      bmc: { username: 'root', password: undefined, port: 443, httpPort: 80 },
      ssh: { useAgent: false },
      plugins: undefined,
      baseDir: directory,
    });
    expect(path.isAbsolute(config.cacheDir)).toBe(true);
    expect(path.basename(config.cacheDir)).toMatch(/^(tpi|Cache)$/);
    expect([...config.nodes]).toEqual([[1, node]]);
  });

  it('has absolute paths, MAC addresses of one form and is frozen', async () => {
    const config = await parse({
      ...minimal,
      cacheDir: 'cache',
      cacheMaxSize: '1.5GiB',
      node2: { ip: '192.168.1.101', board: 'cm4', macAddress: 'D8-3A-DD-00-00-01' },
      bmc: { publicKeyPin: `sha256:${'AB'.repeat(32)}` },
    });
    expect(config.cacheDir).toBe(path.join(directory, 'cache'));
    expect(config.cacheMaxBytes).toBe(1.5 * 2 ** 30);
    expect(config.nodes.get(2)?.macAddress).toBe('d8:3a:dd:00:00:01');
    expect(config.bmc.publicKeyPin).toBe(`sha256:${'ab'.repeat(32)}`);
    expect(() => Object.assign(config.bmc, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.nodes.get(1)!, { ip: 'x' })).toThrow(TypeError);
  });

  it('reads the certificates of an authority, and says at once what none can be read from', async () => {
    const bmc = (certificateAuthority: string) => parse({ ...minimal, bmc: { certificateAuthority } });
    const file = path.join(directory, 'authority.pem');
    const [certificate = ''] = rootCertificates;
    await writeFile(file, `Example CA\n${certificate}\n`);
    expect((await bmc('authority.pem')).bmc.certificateAuthority).toBe(certificate);
    await writeFile(file, 'no certificate');
    await expect(bmc('authority.pem')).rejects.toMatchObject(wrong('has no certificate'));
    await writeFile(file, certificate.replace(/M/g, 'N'));
    await expect(bmc('authority.pem')).rejects.toMatchObject(wrong('cannot be read'));
    await expect(bmc('missing.pem')).rejects.toMatchObject(wrong('ENOENT'));
  });

  it('has for each node the server that its SSH goes through: its own, that of all, or none', async () => {
    const hostKeys =
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnuDoMIpeMgqDLjwOYGkuExmxpFm0VB2ZFPIMRG9bB/ comment';
    const own = {
      host: '10.0.0.1',
      port: 2022,
      username: 'gate',
      hostKeys: [hostKeys],
      password: { env: 'P' },
    };
    const config = await parse(
      {
        ...minimal,
        node2: { ip: '192.168.1.101', board: 'rk1', ssh: { port: 23, jump: own } },
        node3: { ip: '192.168.1.102', board: 'rk1', ssh: { jump: false } },
        bmc: { username: 'admin', password: { env: 'P' } },
        ssh: { jump: { host: 'bmc', hostKeys } },
      },
      { P: 'correct-horse' },
    );
    const jumpOf = (id: 1 | 2 | 3) => config.nodes.get(id)?.ssh?.jump;
    // The board controller is logged in to as it is for its API.
    expect(jumpOf(1)).toMatchObject({
      host: '192.168.1.90',
      port: 22,
      username: 'admin',
      hostKeys: [hostKeys],
    });
    expect(jumpOf(1)?.password?.reveal()).toBe('correct-horse');
    expect(jumpOf(2)).toMatchObject({ host: '10.0.0.1', port: 2022, username: 'gate' });
    expect(config.nodes.get(2)?.ssh).toMatchObject({ port: 23 });
    expect(jumpOf(3)).toBeUndefined();
    const unknown = { ...minimal, ssh: { jump: { host: 'bmc' } } };
    await expect(parse(unknown)).rejects.toMatchObject({
      message: expect.stringContaining('ssh.jump.hostKeys') as string,
    });
    const secretless = { ...minimal, node1: { ...node, ssh: { jump: own } } };
    await expect(parse(secretless)).rejects.toMatchObject({
      message: expect.stringContaining('node1.ssh.jump.password') as string,
    });
  });

  it('takes a gateway on the wire for nodes of any network, and point-to-point links', async () => {
    const onLink = {
      ...minimal,
      node2: { ip: '172.16.0.5', board: 'rk1' },
      network: { prefixLength: 32, gateway: '10.0.0.1', onLink: true },
    };
    expect((await parse(onLink)).network).toMatchObject({
      gateway: '10.0.0.1',
      onLink: true,
      prefixLength: 32,
    });
    expect((await parse({ ...minimal, network: { prefixLength: 31 } })).network.gateway).toBe(
      '192.168.1.101',
    );
  });

  it('takes an IPv6 address in the brackets of a URL', async () => {
    expect((await parse({ ...minimal, ip: '[fe80::1]' })).ip).toBe('fe80::1');
  });

  it.each(['bmc.local', 'turingpi', '192.168.1.90', 'fe80::1', '127.0.0.1', 'a-b.c1.example'])(
    'takes %s as the board controller',
    async (ip) => {
      expect((await parse({ ...minimal, ip })).ip).toBe(ip);
    },
  );
});

describe('paths', () => {
  it('may begin in the home directory', async () => {
    vi.stubEnv('HOME', directory);
    await writeFile(path.join(directory, 'pw'), 'turing\n');
    const config = await parse({ ...minimal, cacheDir: '~/cache', bmc: { password: { file: '~/pw' } } });
    expect(config.cacheDir).toBe(path.join(directory, 'cache'));
    expect(config.bmc.password?.reveal()).toBe('turing');
    expect((await parse({ ...minimal, cacheDir: './~' })).cacheDir).toBe(path.join(directory, '~'));
  });

  it('do not begin in the home directory of a user who is named', async () => {
    await expect(parse({ ...minimal, cacheDir: '~ops/cache' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('cacheDir') as string,
    });
  });
});

describe('an invalid configuration', () => {
  it.each<[what: string, input: unknown, key: string, message: RegExp]>([
    ['no BMC address', { node1: node }, 'ip', /required but missing/],
    ['an address with a mistyped number', { ...minimal, ip: '192.168.1.300' }, 'ip', /IP address or a host/],
    ['a name in brackets', { ...minimal, ip: '[bmc]' }, 'ip', /IP address or a host/],
    ['an address with a port', { ...minimal, ip: '[::1]:443' }, 'ip', /IP address or a host/],
    ['a URL as address', { ...minimal, ip: 'https://bmc:8443' }, 'ip', /IP address or a host/],
    ['no nodes', { ip: '192.168.1.90' }, '', /no node is configured/],
    ['nothing at all', null, '', /expected a map of keys/],
    ['a list', [], '', /expected a map of keys/],
    ['a node without address', { ...minimal, node1: { board: 'rk1' } }, 'node1.ip', /required/],
    ['a node without board', { ...minimal, node1: { ip: node.ip } }, 'node1.board', /required/],
    ['an empty node', { ...minimal, node1: null }, 'node1', /expected a map of keys/],
    ['a node with an IPv6 address', { ...minimal, node1: { ...node, ip: '::1' } }, 'node1.ip', /IPv4/],
    ['a node with leading zeros', { ...minimal, node1: { ...node, ip: '192.168.01.2' } }, 'node1.ip', /IPv4/],
    ['a bad MAC', { ...minimal, node1: { ...node, macAddress: 'd8:3a' } }, 'node1.macAddress', /MAC/],
    [
      'a multicast MAC',
      { ...minimal, node1: { ...node, macAddress: 'ff:ff:ff:ff:ff:ff' } },
      'node1.macAddress',
      /multicast/,
    ],
    ['a bad host name', { ...minimal, node1: { ...node, hostname: 'a_b' } }, 'node1.hostname', /host name/],
    ['a bad port', { ...minimal, bmc: { port: 70000 } }, 'bmc.port', /65535/],
    ['a bad pin', { ...minimal, bmc: { publicKeyPin: 'sha256:ab' } }, 'bmc.publicKeyPin', /sha256/],
    ['a number as password', { ...minimal, bmc: { password: 1234 } }, 'bmc.password', /env: NAME/],
    ['an empty password', { ...minimal, ssh: { password: '' } }, 'ssh.password', /is empty/],
    [
      'two ways to a secret',
      { ...minimal, bmc: { password: { env: 'A', file: 'b' } } },
      'bmc.password',
      /env/,
    ],
    ['a size that is none', { ...minimal, cacheMaxSize: 'much' }, 'cacheMaxSize', /for example 500M/],
    ['a state file with a path', { ...minimal, stateFileName: '../x' }, 'stateFileName', /without a dir/],
    [
      'a state file that is a directory',
      { ...minimal, stateFileName: '..' },
      'stateFileName',
      /without a dir/,
    ],
    [
      'a plugin that is none',
      { ...minimal, plugins: [{}] },
      'plugins[0]',
      /package name, a path or a plugin/,
    ],
    [
      'a pattern without number',
      { ...minimal, network: { hostnamePattern: 'node' } },
      'network.hostnamePattern',
      /\{id\}/,
    ],
    [
      'a pattern that makes no host name',
      { ...minimal, network: { hostnamePattern: 'node_{id}' } },
      'network.hostnamePattern',
      /host name/,
    ],
    [
      'a node outside the gateway’s network',
      { ...minimal, network: { gateway: '10.0.0.1' } },
      'node1.ip',
      /outside the network of the gateway 10\.0\.0\.1\/24/,
    ],
    [
      'two nodes in different networks',
      { ...minimal, node2: { ip: '192.168.2.100', board: 'rk1' } },
      'node2.ip',
      /outside the network/,
    ],
    [
      'a gateway outside that may be on the wire',
      { ...minimal, network: { gateway: '10.0.0.1' } },
      'node1.ip',
      /network\.onLink: true/,
    ],
    [
      'a prefix of one address',
      { ...minimal, network: { prefixLength: 32 } },
      'network.gateway',
      /onLink: true/,
    ],
    ['a prefix of no address', { ...minimal, network: { prefixLength: 33 } }, 'network.prefixLength', /32/],
    [
      'a broadcast address in a network with its gateway elsewhere',
      {
        ip: '10.9.9.9',
        node1: { ...node, ip: '192.168.1.255' },
        network: { gateway: '10.0.0.1', onLink: true },
      },
      'node1.ip',
      /broadcast address of 192/,
    ],
    ['two nodes with one address', { ...minimal, node3: node }, 'node3.ip', /address of node1/],
    ['the BMC’s address again', { ...minimal, ip: node.ip }, 'node1.ip', /board controller/],
    [
      'the gateway’s address again',
      { ...minimal, network: { gateway: node.ip } },
      'node1.ip',
      /already the address of the gateway$/,
    ],
    [
      'the assumed gateway’s address',
      { ...minimal, node1: { ...node, ip: '192.168.1.1' } },
      'node1.ip',
      /assumed; set `network\.gateway`/,
    ],
    [
      'a gateway that is the BMC',
      { ...minimal, network: { gateway: '192.168.1.90' } },
      'network.gateway',
      /board controller/,
    ],
    ['a broadcast address', { ...minimal, node1: { ...node, ip: '192.168.1.255' } }, 'node1.ip', /broadcast/],
    ['a network’s address', { ...minimal, node1: { ...node, ip: '192.168.1.0' } }, 'node1.ip', /network's/],
    [
      'one MAC twice',
      {
        ...minimal,
        node1: { ...node, macAddress: 'd8:3a:dd:00:00:01' },
        node4: { ip: '192.168.1.101', board: 'rk1', macAddress: 'D8:3A:DD:00:00:01' },
      },
      'node4.macAddress',
      /node1 has already/,
    ],
    [
      'one host name twice',
      {
        ...minimal,
        node1: { ...node, hostname: 'web' },
        node2: { ip: '192.168.1.101', board: 'rk1', hostname: 'web' },
      },
      'node2.hostname',
      /node1 has already/,
    ],
    [
      'a host name that another node has by the pattern',
      {
        ...minimal,
        network: { hostnamePattern: 'site-{id}' },
        node2: { ip: '192.168.1.101', board: 'rk1', hostname: 'site-1' },
      },
      'node2.hostname',
      /node1 has already/,
    ],
    [
      'a host name that a later node has by the default pattern',
      {
        ...minimal,
        node1: { ...node, hostname: 'turingpi-node2' },
        node2: { ip: '192.168.1.101', board: 'rk1' },
      },
      'node1.hostname',
      /node2 has already/,
    ],
    [
      'an unknown key',
      { ...minimal, zzzzzzzz: 1 },
      'zzzzzzzz',
      /unknown key; known here: ip, cacheDir.*boards/,
    ],
    ['`board` for `boards`', { board: { shelf: minimal } }, 'board', /did you mean `boards`\?/],
    ...['trusted-boards.json', 'turingpi.log', 'a.erasures.jsonl', 'node1.img.xz', 'node-secrets.json'].map(
      (stateFileName): [string, object, string, RegExp] => [
        `a state file that is another one: ${stateFileName}`,
        { ...minimal, stateFileName },
        'stateFileName',
        /choose another one/,
      ],
    ),
    ['a misspelt key', { ...minimal, cachdir: 'x' }, 'cachdir', /did you mean `cacheDir`\?/],
    ['a misspelt node', { ...minimal, nodel: node }, 'nodel', /did you mean `node1`\?/],
    ['a fifth node', { ...minimal, node5: node }, 'node5', /unknown key/],
    ['a misspelt key in a node', { ...minimal, node1: { ...node, mac: 'x' } }, 'node1.mac', /unknown key/],
    [
      'a misspelt key in the network',
      { ...minimal, network: { dnsServer: [] } },
      'network.dnsServer',
      /did you mean `dnsServers`\?/,
    ],
    [
      'a misspelt key deep down',
      { ...minimal, node1: { ...node, ssh: { prot: 22 } } },
      'node1.ssh.prot',
      /did you mean `port`\?/,
    ],
  ])('with %s names the place and what is wrong', async (_what, input, key, message) => {
    const error = await parse(input).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      hint: expect.stringMatching(/./) as string,
      details: { issues: [{ key, message: expect.stringMatching(message) as string }] },
    });
    expect((error as Error).message).toContain(key);
  });

  it('tells all that is wrong, the first in the message', async () => {
    const error = await parse({ node1: { ip: 'x', board: '' } }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: 'the configuration: `ip` is required but missing (and 2 more)',
      details: { issues: [{ key: 'ip' }, { key: 'node1.ip' }, { key: 'node1.board' }] },
    });
  });

  it('never repeats a secret', async () => {
    const error = await parse({ ip: 5, node1: node, bmc: { password: 'hunter22', port: 'x' } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(JSON.stringify([error, (error as Error).message])).not.toContain('hunter22');
  });
});

describe('secrets', () => {
  it('come from the environment, a file or code, and do not print', async () => {
    await writeFile(path.join(directory, 'key'), 'line 1\nline 2\n');
    const config = await parse(
      {
        ...minimal,
        bmc: { password: { env: 'BMC_PASSWORD' } },
        ssh: { privateKey: { file: 'key' }, password: 'plain', passphrase: new Secret('wrapped') },
      },
      { BMC_PASSWORD: 'from-env' },
    );
    expect(config.bmc.password?.reveal()).toBe('from-env');
    expect(config.ssh.privateKey?.reveal()).toBe('line 1\nline 2');
    expect(config.ssh.password?.reveal()).toBe('plain');
    expect(config.ssh.passphrase?.reveal()).toBe('wrapped');
    expect(JSON.stringify(config)).not.toMatch(/from-env|line 1|plain|wrapped/);
  });

  it.each([
    ['a line end of Unix', 'turing\n'],
    ['a line end of Windows', 'turing\r\n'],
    ['a byte order mark', '\uFEFFturing'],
    ['both', '\uFEFFturing\r\n'],
  ])('are taken without %s, from a file, a variable or a text', async (_what, written) => {
    for (const encoding of ['utf8', 'utf16le'] as const) {
      if (encoding === 'utf16le' && !written.startsWith('\uFEFF')) continue;
      await writeFile(path.join(directory, 'written'), written, encoding);
      const config = await parse(
        {
          ...minimal,
          bmc: { password: { file: 'written' } },
          ssh: { password: { env: 'PW' }, passphrase: written },
        },
        { PW: written },
      );
      const { bmc, ssh } = config;
      expect([bmc.password, ssh.password, ssh.passphrase].map((secret) => secret?.reveal())).toEqual(
        Array(3).fill('turing'),
      );
    }
  });

  it('keep every other white space', async () => {
    const config = await parse({ ...minimal, ssh: { privateKey: { env: 'PW' } } }, { PW: ' a b \n\n' });
    expect(config.ssh.privateKey?.reveal()).toBe(' a b \n');
  });

  it.each([
    ['an unset variable', { env: 'NOT_SET' }, 'NOT_SET'],
    ['an empty variable', { env: 'EMPTY' }, 'EMPTY'],
    ['a file that is no text', { file: 'latin1' }, 'UTF-8'],
    ['a missing file', { file: 'missing' }, 'missing'],
    ['an empty file', { file: 'empty' }, 'empty'],
    ['a directory', { file: '.' }, 'is a directory'],
    ['a pipe that nobody writes to', { file: 'pipe' }, 'no regular file'],
    ['a device without an end', { file: '/dev/zero' }, 'no regular file'],
    ['a file much too large', { file: 'large' }, 'more than'],
  ])('from %s are missing', async (_what, password, name) => {
    const pipe = path.join(directory, 'pipe');
    await rm(pipe, { force: true });
    await promisify(execFile)('mkfifo', [pipe]);
    await writeFile(path.join(directory, 'large'), Buffer.alloc(2 ** 20 + 1, 'x'));
    await writeFile(path.join(directory, 'empty'), '\n');
    await writeFile(path.join(directory, 'latin1'), 'schlüssel', 'latin1');
    const error = await parse({ ...minimal, bmc: { password } }, { EMPTY: '' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'CONFIG_SECRET_MISSING', hint: expect.any(String) as string });
    expect((error as Error).message).toContain('`bmc.password`');
    expect((error as Error).message).toContain(name);
  });
});

function wrong(message: string) {
  return {
    code: 'CONFIG_INVALID',
    details: {
      issues: [{ key: 'bmc.certificateAuthority', message: expect.stringContaining(message) as string }],
    },
  };
}
