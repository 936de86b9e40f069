import { createHash } from 'node:crypto';
import cm4Plugin, { Cm4Driver } from '@turingpi/board-cm4';
import { LocalUsbHost } from '@turingpi/usb-host';
import rk1Plugin, { Rk1Driver } from '@turingpi/board-rk1';
import { approveErasure, CleanupStack, type Progress, silentLogger } from '@turingpi/foundation';
import { type ClusterConfig, isPlugin } from '@turingpi/core/plugin';
import type { InstallationRequest } from '@turingpi/provisioning';
import { describe, expect, test } from 'vitest';
import { emmcBytes, rawImage, startBoard, type TestImage } from './board-fixture.js';

const MB = 1 << 20;
/** Of a cluster's configuration the drivers need the nodes only. */
const CONFIG = {
  nodes: new Map([[2, { ip: '127.0.0.1', board: 'rk1', ssh: { port: 1 } }]]),
} as unknown as ClusterConfig;

function request(
  image: TestImage,
  signal: AbortSignal,
  seen: Progress[],
  dryRun = false,
): InstallationRequest {
  const { raw } = image;
  const record = {
    ...({
      path: '/images/node.img',
      format: 'raw',
      sizeBytes: raw.length,
      rawSizeBytes: raw.length,
    } as const),
    ...{
      sha256: createHash('sha256').update(raw).digest('hex'),
      os: 'ubuntu',
      hostname: 'node2',
      hostKeys: [],
      facts: {},
    },
  };
  const config = { ip: '127.0.0.1', board: 'rk1' };
  return {
    node: {
      id: 2,
      config,
      ipAddress: config.ip,
      hostname: 'node2',
      gateway: '127.0.0.1',
      dnsServers: [],
      prefixLength: 24,
    },
    ...{ signal, logger: silentLogger, progress: (p) => seen.push(p), cleanup: new CleanupStack(), dryRun },
    image: { record, open: (format) => image.open(format, signal) },
    permit: approveErasure({ node: 2 }),
  };
}

describe.each(['rk1', 'cm4'] as const)('the %s driver', (board) => {
  test('flashes its node, leaves it off, switches it, and carries its console', async () => {
    await using fixture = await startBoard({ nodes: [{ board: undefined }, { board }] });
    const client = fixture.client();
    const driver =
      board === 'rk1' ? new Rk1Driver(client, CONFIG) : new Cm4Driver(client, CONFIG, new LocalUsbHost());
    expect(driver.id).toBe(board);
    expect(driver.strategies[0]!.id).toBe('flash');
    const image = rawImage(MB);
    const seen: Progress[] = [];
    const stop = new AbortController();

    await driver.strategies[0]!.install(request(image, stop.signal, seen, true));
    expect(seen).toEqual([expect.objectContaining({ activity: 'dry run' })]);
    expect(fixture.board.accessLog).toEqual([]);

    const job = request(image, stop.signal, seen);
    await driver.strategies[0]!.install(job);
    expect((await emmcBytes(fixture.board, 2, MB)).equals(image.raw)).toBe(true);
    expect(fixture.board.nodes[1]!.powered).toBe(false);
    await driver.powerOn(job);
    expect(fixture.board.nodes[1]!.powered).toBe(true);
    await driver.sendConsoleLine(job, 'root');
    expect(fixture.board.accessLog.at(-1)!.target).toContain('type=uart&node=1&cmd=root');
    const printing = setInterval(() => fixture.board.printConsole(2, 'node2 login: '), 30);
    for await (const text of driver.followConsole(job)) {
      expect(text).toContain('node2 login: ');
      stop.abort();
    }
    clearInterval(printing);
    const later = { ...job, signal: new AbortController().signal };
    expect(await driver.readConsole(later)).toContain('node2 login: ');
    await driver.powerOff(later);
    expect(fixture.board.nodes[1]!.powered).toBe(false);
  });
});

test('the plugins bring the client with them', () => {
  for (const plugin of [rk1Plugin, cm4Plugin]) {
    expect(isPlugin(plugin)).toBe(true);
    expect(plugin.requires?.map(({ name }) => name)).toEqual(['@turingpi/provisioning']);
  }
});
