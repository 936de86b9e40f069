import { Cm4Driver } from '@turingpi/board-cm4';
import { Rk1Driver } from '@turingpi/board-rk1';
import { boardCases, strategyCases } from '@turingpi/conformance';
import type { ClusterConfig } from '@turingpi/core/plugin';
import { LocalUsbHost } from '@turingpi/usb-host';
import { describe, it } from 'vitest';
import { SAMPLE_NODE } from '../support/site/sample-node.js';
import { emmcBytes, startBoard } from './board-fixture.js';

const CONFIG = { nodes: new Map([[2, SAMPLE_NODE.config]]) } as unknown as ClusterConfig;

/** A module in slot 2 of a virtual board, and its driver. */
async function moduleOf(module: 'rk1' | 'cm4') {
  const fixture = await startBoard({ nodes: [{ board: undefined }, { board: module }] });
  const client = fixture.client();
  return {
    board:
      module === 'rk1' ? new Rk1Driver(client, CONFIG) : new Cm4Driver(client, CONFIG, new LocalUsbHost()),
    node: SAMPLE_NODE,
    written: (lengthBytes: number) => emmcBytes(fixture.board, 2, lengthBytes),
    isOn: () => fixture.board.nodes[1]!.powered,
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

describe.each(['rk1', 'cm4'] as const)('the board %s', (module) => {
  for (const { name, run } of boardCases({ open: () => moduleOf(module) })) it(name, run);
});

describe.each(['rk1', 'cm4'] as const)('the strategy flash of %s', (module) => {
  const cases = strategyCases({
    open: async () => {
      const opened = await moduleOf(module);
      return { ...opened, strategy: opened.board.strategies[0]! };
    },
  });
  for (const { name, run } of cases) it(name, run);
});
