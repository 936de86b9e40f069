import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { FleetFolder } from './fleet-folder.js';

it('keeps records where the fleet file says, with the plugin beside it, unless a board says so itself', async () => {
  await using folder = await FleetFolder.make(['state-http']);
  const state = {
    http: { url: 'https://127.0.0.1:9', ca: './ca.crt', cert: './none.crt', key: './none.key' },
  };
  await folder.write({
    fleet: 'labs',
    state,
    sites: { north: {} },
    boards: {
      rack1: { site: 'north', labels: { state: 'fleet' } },
      rack2: { site: 'north', labels: { state: 'own' } },
    },
  });
  const board = {
    ip: '127.0.0.1',
    bmc: { port: 9, password: 'none' },
    network: { gateway: '192.168.1.1' },
    node1: { ip: '192.168.1.101', board: 'rk1', os: 'ubuntu' },
    workflow: { baseImages: { ubuntu: './none.img' }, user: { name: 'admin', password: 'none' } },
  };
  await mkdir(path.join(folder.directory, 'boards'));
  const write = (name: string, own: object) =>
    writeFile(
      path.join(folder.directory, 'boards', `${name}.yaml`),
      stringify({ ...board, cacheDir: `./${name}`, ...own }),
    );
  await write('rack1', {});
  await write('rack2', { stateStore: 'file' });
  const said = async (label: string) => {
    const { stdout, stderr } = await folder.run('plan', '--labels', `state=${label}`);
    return `${stdout}${stderr}`;
  };
  // Looked for beside the fleet file, not beside the board's configuration.
  expect(await said('fleet')).toContain(`${path.join(folder.directory, 'ca.crt')} cannot be read`);
  expect(await said('own')).not.toContain('ca.crt');
});
