import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConformanceSubjects } from '@turingpi/conformance';
import { type Node, Node2 } from '@turingpi/core/plugin';
import { NewWayStrategy } from './new-way-strategy.js';

const ADDRESS = '192.0.2.102'; // for documentation (RFC 5737): nothing is there

const node = {
  id: Node2,
  config: { ip: ADDRESS, board: 'rk1' },
  ipAddress: ADDRESS,
  hostname: 'node2',
  gateway: '192.0.2.1',
  dnsServers: [],
  prefixLength: 24,
} satisfies Node;

/** What the plugin is tested on: `npx turingpi-conformance .` */
const subjects: ConformanceSubjects = {
  strategies: {
    'new-way': {
      async open() {
        const baseDir = await mkdtemp(path.join(tmpdir(), 'new-way-'));
        const strategy = new NewWayStrategy({ baseDir, contributed: { newWay: { folder: '.' } } });
        const disk = strategy.diskOf(node);
        await writeFile(disk, 'what the node had before');
        return {
          ...{ strategy, node, disk: strategy.disk },
          written: async (lengthBytes) => (await readFile(disk)).subarray(0, lengthBytes),
          [Symbol.asyncDispose]: () => rm(baseDir, { recursive: true, force: true }),
        };
      },
    },
  },
  configKeys: {
    newWay: {
      valid: [{}, { folder: './disks' }],
      invalid: [{ value: { folder: '' }, at: ['folder'] }],
    },
  },
};
export default subjects;
