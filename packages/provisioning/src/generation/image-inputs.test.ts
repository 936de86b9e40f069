import { compareInputs } from '@turingpi/core/plugin';
import type { FirstBootCredentials } from '../image/first-boot-credentials.js';
import type { NetworkConfig } from '../image/network-config.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCredentials } from '../credential/credential-plan.js';
import { type ImageRequirements, imageInputs, withCredentialInputs } from './image-inputs.js';

const [A, B] = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBmBWYKTkZbXTgYHPmRPzHCZO1I7cPbMyVVJzDwXCVXY',
] as const;
const KEY = Buffer.alloc(32, 7);
const network: NetworkConfig = {
  ...{ hostname: 'node1', ipCidr: '192.168.1.101/24', gateway: '192.168.1.1', dnsServers: ['1.1.1.1'] },
  macAddress: 'd8:3a:dd:00:00:01',
};
const settings: FirstBootCredentials = {
  ...{ username: 'ops', password: 'Correct-Horse-7', sshKeys: [`${A} me@home`, B] },
  ...{ timezone: 'Europe/Berlin', locale: 'de_DE.UTF-8', packages: ['htop', 'jq'] },
};

async function inputsOf(
  credentials: FirstBootCredentials = settings,
  other: Partial<ImageRequirements> = {},
) {
  const plan = await planCredentials(credentials);
  const required = { os: 'ubuntu', base: 'a'.repeat(64), board: 'rk1', network, preInstall: undefined };
  return imageInputs({ ...required, credentials: plan, ...other }, KEY);
}
const changes = async (credentials: FirstBootCredentials, other: Partial<ImageRequirements> = {}) =>
  compareInputs(await inputsOf(), await inputsOf(credentials, other)).map(({ name }) => name);

describe('the inputs of an image', () => {
  it('each have a name that keeps its meaning', async () => {
    const inputs = await inputsOf(settings, { preInstall: 'f'.repeat(64) });
    expect(Object.keys(inputs).sort()).toEqual([
      ...['base', 'board', 'locale', 'network.address', 'network.dnsServers', 'network.gateway'],
      ...['network.hostname', 'network.macAddress', 'os', 'packages', 'preInstall', 'timezone'],
      ...['user.name', 'user.password', 'user.sshKeys'],
    ]);
  });

  it('hold no secret, and no digest of one that can be guessed', async () => {
    const text = JSON.stringify(await inputsOf());
    expect(text).not.toContain('Correct-Horse-7');
    const other = imageInputs(
      {
        ...{ os: 'u', base: 'b', board: 'c', network, preInstall: undefined },
        credentials: await planCredentials(settings),
      },
      Buffer.alloc(32, 8),
    );
    expect(other['user.password']).not.toBe((await inputsOf())['user.password']);
  });

  it('do not change by what has no meaning', async () => {
    const comment = fc.stringMatching(/^[a-z@.]{0,12}$/);
    const edit = fc.record({ a: comment, b: comment, twice: fc.boolean(), turned: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(edit, async ({ a, b, twice, turned }) => {
        const lines = [`${A} ${a}`, `  ${B}\t${b} `, ...(twice ? [A] : [])];
        const sshKeys = turned ? lines.reverse() : lines;
        const packages = turned ? ['jq', 'htop', ...(twice ? ['jq'] : [])] : ['htop', 'jq'];
        const macAddress = turned ? 'D8-3A-DD-00-00-01' : 'd8:3a:dd:00:00:01';
        const others = { network: { ...network, macAddress, searchDomains: [] } };
        expect(await changes({ ...settings, sshKeys, packages }, others)).toEqual([]);
      }),
    );
  });

  it.each<[string[], FirstBootCredentials, Partial<ImageRequirements>]>([
    [['user.password'], { ...settings, password: 'another' }, {}],
    [['user.sshKeys'], { ...settings, sshKeys: [A] }, {}],
    [['network.hostname'], settings, { network: { ...network, hostname: 'node2' } }],
    [['network.gateway'], settings, { network: { ...network, gateway: '192.168.1.2' } }],
    [['packages', 'timezone'], { ...settings, packages: [], timezone: 'Etc/UTC' }, {}],
    [['base'], settings, { base: 'b'.repeat(64) }],
    [['preInstall'], settings, { preInstall: 'b'.repeat(64) }],
  ])('name what changed: %j', async (names, credentials, other) => {
    expect(await changes(credentials, other)).toEqual(names);
  });

  it('can be given other first-boot settings, and be given them back', async () => {
    const before = await inputsOf();
    const without = withCredentialInputs(before, undefined, KEY);
    expect(compareInputs(before, without).map(({ name }) => name)).toEqual([
      ...['locale', 'packages', 'timezone', 'user.name', 'user.password', 'user.sshKeys'],
    ]);
    expect(withCredentialInputs(without, await planCredentials(settings), KEY)).toEqual(before);
  });
});
