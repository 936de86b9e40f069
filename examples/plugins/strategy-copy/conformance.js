import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CopyStrategy } from './copy-strategy.js';

const node = {
  id: 2,
  config: { ip: '192.0.2.102', board: 'rk1' }, // for documentation (RFC 5737): nothing is there
  ipAddress: '192.0.2.102',
  hostname: 'node2',
  gateway: '192.0.2.1',
  dnsServers: [],
  prefixLength: 24,
};

/** What the plugin is tested on: `npx turingpi-conformance .` */
export default {
  strategies: {
    copy: {
      async open() {
        const cacheDir = await mkdtemp(path.join(tmpdir(), 'turingpi-copy-'));
        const strategy = new CopyStrategy({ cacheDir });
        const file = strategy.fileOf(node);
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, 'an earlier copy');
        return {
          strategy,
          node,
          written: async (lengthBytes) => (await readFile(file)).subarray(0, lengthBytes),
          [Symbol.asyncDispose]: () => rm(cacheDir, { recursive: true, force: true }),
        };
      },
    },
  },
};
