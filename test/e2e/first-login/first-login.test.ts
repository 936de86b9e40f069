import path from 'node:path';
import { createTuringPi, type TuringPiConfig } from '@turingpi/core';
import { loadConfig, declarativeWorkflow } from '@turingpi/provisioning';
import { Node1 } from '@turingpi/foundation';
import rk1 from '@turingpi/board-rk1';
import ubuntu, { ubuntuImage, ubuntuOsInstaller, ubuntuPostInstaller } from '@turingpi/os-ubuntu';
import { baseImagePath } from '@turingpi/virtual-node';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSite, type Site } from '../../support/site/site.js';

const EXAMPLE = path.resolve(import.meta.dirname, '../../../examples/first-login.yaml');

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
      const cluster = await createTuringPi(
        {
          ip: board.https.host,
          cacheDir: site.cacheDir,
          bmc: { port: board.https.port, password: 'turing', publicKeyPin: board.publicKeyPin },
          ssh: { privateKey: { file: site.privateKeyFile } },
          node1: { ip: '192.168.1.101', board: 'rk1', os: 'ubuntu', ssh: board.nodes[0]!.ssh },
          plugins: [ubuntu, rk1],
        },
        { approve: 'all' },
      );
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

  it('is told with install.firstLogin in turingpi.yaml', { timeout: 180_000 }, async () => {
    await using own = await makeSite();
    const up = async () => {
      const { input, ...place } = await loadConfig(EXAMPLE);
      const example = input as TuringPiConfig & { readonly workflow: object };
      const cluster = await createTuringPi(
        {
          ...example,
          ip: board.https.host,
          cacheDir: own.cacheDir,
          bmc: { port: board.https.port, password: 'turing', publicKeyPin: board.publicKeyPin },
          node1: { ...example.node1!, ssh: board.nodes[0]!.ssh! },
          plugins: [ubuntu, rk1],
          workflow: { ...example.workflow, baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') } },
        },
        { approve: 'all' },
      );
      const environment = { NODE_PASSWORD: own.userPassword };
      const logins: (string | undefined)[] = [];
      cluster.subscribe((event) => {
        if (event.type === 'phase:progress' && event.progress.activity === 'first login')
          logins.push(event.progress.note);
      });
      const { nodes } = await cluster.runAll(
        cluster.run(declarativeWorkflow(cluster, { ...place, environment })),
      );
      return {
        logins,
        error: nodes[0]?.error,
        phases: Object.values(nodes[0]!.phases).map(({ outcome }) => outcome),
      };
    };
    expect(await up()).toEqual({
      logins: ['change the password of ubuntu'],
      error: undefined,
      phases: Array(3).fill('completed'),
    });
    expect(await up()).toEqual({ logins: [], error: undefined, phases: Array(3).fill('skipped') });
  });
});
