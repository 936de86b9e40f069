import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { arePluginsInReach } from './plugins-in-reach.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'turingpi-reach-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const inReach = (config?: string) => arePluginsInReach(config, cwd);
const write = (name: string, content: unknown) =>
  writeFile(path.join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content));
const install = async (name: string, manifest: object) => {
  await mkdir(path.join(cwd, 'node_modules', name), { recursive: true });
  await write(path.join('node_modules', name, 'package.json'), { name, ...manifest });
};

describe('plugins in reach', () => {
  it('are none in an empty folder', () => {
    expect(inReach()).toBe(false);
  });

  it('may be what a configuration names', async () => {
    await write('turingpi.yaml', 'ip: 192.168.1.90\n');
    expect(inReach()).toBe(false);
    await write('turingpi.yaml', 'plugins: [./mine]\n');
    expect(inReach()).toBe(true);
  });

  it('may be in a configuration that writes its keys in escapes', async () => {
    await write('turingpi.json', String.raw`{ "\u0070lugins": ["./mine"] }`);
    expect(inReach()).toBe(true);
    await write(
      'turingpi.json',
      String.raw`{ "plu\
gins": ["./mine"] }`,
    );
    expect(inReach()).toBe(true);
    await write('turingpi.json', String.raw`{ "greeting": "hello\n" }`);
    expect(inReach()).toBe(false);
  });

  it('may be in a configuration that cannot be read', () => {
    expect(inReach('none.yaml')).toBe(true);
    expect(inReach('~/lab.yaml')).toBe(true);
  });

  it.each(['dependencies', 'optionalDependencies', 'peerDependenciesMeta'])(
    'are the packages in %s that say so',
    async (field) => {
      await write('package.json', { [field]: { mine: {}, absent: {} } });
      await install('mine', {});
      expect(inReach()).toBe(false);
      await install('mine', { turingpi: { plugin: './index.js' } });
      expect(inReach()).toBe(true);
    },
  );

  it('may be in packages that are broken', async () => {
    await write('package.json', { dependencies: { mine: '*' } });
    await mkdir(path.join(cwd, 'node_modules/mine'), { recursive: true });
    await write('node_modules/mine/package.json', '{');
    expect(inReach()).toBe(true);
    await write('package.json', '{');
    expect(inReach()).toBe(true);
  });
});
