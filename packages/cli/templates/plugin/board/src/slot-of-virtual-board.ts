import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HttpsBmcClient } from '@turingpi/bmc';
import type { OpenedBoard } from '@turingpi/conformance';
import { type ClusterConfig, Node2 } from '@turingpi/core/plugin';
import { CleanupStack, Secret, silentLogger } from '@turingpi/foundation';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { NewModuleBoard } from './new-module-board.js';

const ADDRESS = '192.0.2.102'; // for documentation (RFC 5737): nothing is there

/** Slot 2 of a simulated board, whose module the driver takes for its own. */
export async function slotOfVirtualBoard(): Promise<OpenedBoard> {
  const opened = new CleanupStack();
  try {
    return await openSlot(opened);
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

async function openSlot(opened: CleanupStack): Promise<OpenedBoard> {
  const dir = await mkdtemp(path.join(tmpdir(), 'new-module-'));
  opened.defer('the folder', () => rm(dir, { recursive: true, force: true }));
  const simulated = opened.use(
    'the board',
    await startVirtualBoard({
      dir: path.join(dir, 'board'),
      nodes: [{ board: undefined }, { board: 'rk1' }],
      emmcSizeBytes: 64 << 20,
      clock: { scale: 100 }, // its seconds are short
    }),
  );
  const { https, http, publicKeyPin } = simulated;
  const client = new HttpsBmcClient({
    endpoint: { ...https, httpPort: http?.port ?? 0 },
    credentials: { username: 'root', password: new Secret('turing') },
    pins: { publicKeyPin },
    ...{ cacheDir: dir, lockDir: dir, logger: silentLogger },
  });
  const config = { ip: ADDRESS, board: 'new-module', ssh: { port: 22 } };
  const board = new NewModuleBoard(client, {
    nodes: new Map([[Node2, config]]),
    contributed: { newModule: { restMs: 0 } },
  } as unknown as ClusterConfig); // all of it that a driver reads
  return {
    board,
    node: {
      id: Node2,
      config,
      ipAddress: ADDRESS,
      hostname: 'node2',
      gateway: '192.0.2.1',
      dnsServers: [],
      prefixLength: 24,
    },
    async written(lengthBytes) {
      const { emmc } = simulated.nodes[1] ?? {};
      if (emmc === undefined) throw new Error('the slot is empty');
      const file = await open(emmc);
      try {
        return (await file.read(Buffer.alloc(lengthBytes), 0, lengthBytes, 0)).buffer;
      } finally {
        await file.close();
      }
    },
    isOn: () => simulated.nodes[1]?.powered === true,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
