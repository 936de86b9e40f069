import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CleanupStack, silentLogger } from '@turingpi/core/plugin';
import { httpSettings, openHttpState } from '@turingpi/state-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTemporal, TemporalServer } from '../../bench/fleet/temporal-server.js';
import { makeAuthority } from '../plugins/certificate-authority.js';
import { requireTools } from '../support/site/require-tools.js';
import { FleetFolder } from './fleet-folder.js';

const skip = requireTemporal().missing || requireTools('openssl').missing;

describe.skipIf(skip)('turingpi fleet controller --state-server', () => {
  const cleanup = new CleanupStack();
  let folder: FleetFolder;
  let pem: Awaited<ReturnType<Awaited<ReturnType<typeof makeAuthority>>>>;
  beforeAll(async () => {
    folder = cleanup.use('folder', await FleetFolder.make(['fleet-temporal', 'state-http']));
    const temporal = cleanup.use('temporal', await TemporalServer.start());
    const issue = await makeAuthority(folder.directory);
    pem = await issue('one');
    await folder.write({
      fleet: 'labs',
      engine: { temporal: { address: temporal.address } },
      sites: { north: {} },
      boards: { rack1: { site: 'north' } },
    });
  });
  afterAll(() => cleanup[Symbol.asyncDispose]());
  const serverFile = (name: string, content: object) =>
    writeFile(path.join(folder.directory, name), JSON.stringify({ ...pem, ...content }));

  it('serves the records in the same process, until it is told to end', async () => {
    await serverFile('server.yaml', { listen: '127.0.0.1:0' });
    const controller = await folder.start('controller', '--state-server', 'server.yaml');
    const { port } = await controller.line((line) => line['port'] !== undefined);
    const open = () =>
      openHttpState({
        ...{ stateFile: '/state.json', baseDir: '/', logger: silentLogger },
        settings: httpSettings.parse({ url: `https://127.0.0.1:${String(port)}`, ...pem, cluster: 'lab' }),
      });
    {
      await using store = await open();
      expect(await store.load()).toEqual({ version: 2 });
    }
    expect(await controller.end('SIGTERM')).toBe(130);
    expect(controller.lines.at(-1)).toMatchObject({ type: 'controller:stopping' });
    await expect(open()).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' });
  }, 60_000);

  it('ends when they cannot be served', async () => {
    await serverFile('wrong.yaml', { listen: '127.0.0.1:0', key: 'none.key' });
    const controller = folder.begin(['controller', '--state-server', 'wrong.yaml']);
    const code = await new Promise((resolve) => controller.child.once('close', resolve));
    expect(code).toBe(3);
    expect(JSON.stringify(controller.lines)).toContain('none.key');
  }, 60_000);
});
