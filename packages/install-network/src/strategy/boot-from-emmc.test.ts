import type { BoardOperation } from '@turingpi/provisioning';
import { expect, it } from 'vitest';
import { bootFromEmmc } from './boot-from-emmc.js';
import { NodeWatch } from './node-watch.js';

const operation = { signal: new AbortController().signal } as BoardOperation;

it('stops the boot loader, and has it start the eMMC once', async () => {
  const watch = new NodeWatch();
  const typed: string[] = [];
  const board = {
    sendConsoleLine: (_operation: BoardOperation, line: string) => {
      typed.push(line);
      if (typed.length === 2) watch.read('Hit any key to stop autoboot:  2 \r\n=> ');
      return Promise.resolve();
    },
  };
  expect(await bootFromEmmc(board, operation, { watch, bootTarget: 'mmc0' })).toBe(true);
  expect(typed).toEqual(['', '', 'setenv boot_targets mmc0; boot']);
});

it('types nothing once the installer is there', async () => {
  const watch = new NodeWatch();
  watch.read('turingpi-installer: started\r\n');
  const board = { sendConsoleLine: () => Promise.reject(new Error('nobody reads it')) };
  expect(await bootFromEmmc(board, operation, { watch, bootTarget: 'mmc0' })).toBe(true);
});
