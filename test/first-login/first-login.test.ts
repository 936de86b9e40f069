import { createTuringPi, Node1 } from '@turingpi/core';
import rk1 from '@turingpi/board-rk1';
import ubuntu, { ubuntuImage, ubuntuOsInstaller, ubuntuPostInstaller } from '@turingpi/os-ubuntu';
import { baseImagePath, startVirtualBoard, type VirtualBoard } from '@turingpi/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSite, type Site } from '../site/site.js';

/**
 * The image is customised without any account of ours: the node ships with ubuntu/ubuntu, which must be changed.
 */
describe('a node that wants another password at the first login', () => {
  let board: VirtualBoard;
  let site: Site;
  beforeAll(async () => {
    board = await startVirtualBoard({ nodes: [{ board: 'rk1' }], boot: 'shell', clock: { scale: 100 } });
    site = await makeSite();
  });
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
    await board[Symbol.asyncDispose]();
  });

  it.each(['ssh', 'console'] as const)(
    'gets it over %s, and takes our key',
    { timeout: 180_000 },
    async (over) => {
      const cluster = await createTuringPi({
        ip: board.https.host,
        cacheDir: site.cacheDir,
        bmc: { port: board.https.port, password: 'turing', publicKeyPin: board.publicKeyPin },
        ssh: { privateKey: { file: site.privateKeyFile } },
        node1: { ip: '192.168.1.101', board: 'rk1', os: 'ubuntu', ssh: board.nodes[0]!.ssh },
        plugins: [ubuntu, rk1],
      });
      const printed: string[] = [];
      await cluster.run(async (context) => {
        const image = await ubuntuImage().withBaseImage(baseImagePath('rk1-ubuntu.img.xz')).run(context);
        const node = await ubuntuOsInstaller({
          initialUserPassword: `${site.userPassword}-${over}`,
          firstLogin: { over },
          bootTimeoutMs: 120_000,
        })
          .usingImage(image)
          .withGenericConfig({ sshKeys: [site.publicKey] })
          .run(context);
        expect(node.username).toBe('ubuntu');
        await ubuntuPostInstaller().runActions(context, async (_local, remote) => {
          printed.push((await remote.runCommand('cat .ssh/authorized_keys', { sudo: false })).stdout);
          printed.push((await remote.runCommand('id -un')).stdout);
        });
      })(Node1);
      expect(printed).toEqual([`${site.publicKey}\n`, 'root\n']);
    },
  );
});
