import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Node1 } from '@turingpi/core';
import ubuntu from '@turingpi/os-ubuntu';
import provisioning, { createDeclaredTuringPi, declarativeWorkflow } from '@turingpi/provisioning';
import { baseImagePath } from '@turingpi/virtual-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSite, type Site } from '../support/site/site.js';
import { addPackage } from '../../packages/linux/src/post-install/debian-node.fixture.js';
import {
  DEBIAN_MISSING,
  DEBIAN_NEEDS,
  DEBIAN_PACKAGES,
  debianRoot,
} from '../../packages/linux/src/post-install/debian-root.fixture.js';
import { NamespaceLab } from './namespace-lab.js';

const run = promisify(execFile);

if (DEBIAN_MISSING.length > 0 && process.env['CI'] === 'true')
  throw new Error(`missing: ${DEBIAN_MISSING.join(', ')}`);

describe.skipIf(DEBIAN_MISSING.length > 0)(`a connection that is cut (${DEBIAN_NEEDS}, iptables)`, () => {
  let site: Site;
  let lab: NamespaceLab;
  beforeAll(async () => {
    site = await makeSite();
    lab = await NamespaceLab.make(await debianRoot(DEBIAN_PACKAGES), site.publicKey);
    await mkdir(site.cacheDir);
    const repository = path.join(site.directory, 'repository');
    await mkdir(repository);
    // Its installation takes a while, and says how often it was done.
    await addPackage(repository, 'slow', '1.0', 'touch /root/begun; sleep 4; echo done >> /root/installed');
  }, 300_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  const up = async () => {
    await using board = await createDeclaredTuringPi(
      {
        ...{ ip: '127.0.0.1', cacheDir: site.cacheDir, bmc: {} },
        node1: { ip: `${lab.addresses}.101`, board: 'rk1', os: 'ubuntu', hostname: 'apt-1' },
        network: { gateway: `${lab.addresses}.1` },
        ssh: { privateKey: { file: site.privateKeyFile } },
        plugins: [provisioning, ubuntu, lab.plugin],
        workflow: {
          baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') },
          user: { name: 'admin', sshKeys: [site.publicKey] },
          postInstall: [
            { run: 'echo done >> /root/before', onRepeat: 'ask' },
            { copyDirectory: { source: path.join(site.directory, 'repository'), path: '/repository' } },
            {
              write: { path: '/etc/apt/sources.list', content: 'deb [trusted=yes] file:/repository ./\n' },
            },
            { apt: ['slow'] },
            { run: 'echo done >> /root/after', onRepeat: 'ask' },
          ],
        },
      } as never,
      { approve: 'new' },
    );
    const { nodes } = await board.runAll(board.run(declarativeWorkflow(board, { environment: {} })));
    return nodes[0];
  };
  const onNode = async (line: string) => await lab.node(Node1).says('sh', '-c', line);

  it(
    'by a firewall in the middle of apt is taken up again, and nothing is done twice',
    { timeout: 180_000 },
    async () => {
      const rule = [
        'OUTPUT',
        '-d',
        `${lab.addresses}.101`,
        '-p',
        'tcp',
        '-j',
        'REJECT',
        '--reject-with',
        'tcp-reset',
      ];
      const first = up();
      while (!(await onNode('ls /root/begun').catch(() => ''))) await sleep(50);
      await run('iptables', ['-I', ...rule]);
      try {
        expect((await first)?.error).toMatchObject({ code: 'SSH_CONNECTION_LOST' });
      } finally {
        await run('iptables', ['-D', ...rule]);
      }
      expect(await up()).toMatchObject({ outcome: 'completed' });
      expect(await onNode('cat /root/before /root/installed /root/after')).toBe('done\ndone\ndone\n');
      expect(await onNode("dpkg-query -W -f '${Status}' slow")).toBe('install ok installed');
    },
  );
});
