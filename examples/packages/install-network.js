import rk1 from '@turingpi/board-rk1';
import { createTuringPi } from '@turingpi/core';
import network from '@turingpi/install-network';
import { BOARDS, strategiesFor } from '@turingpi/provisioning';

const cluster = await createTuringPi({
  ip: '192.0.2.90',
  node1: { ip: '192.0.2.101', board: 'rk1' },
  cacheDir: 'cache',
  plugins: [rk1, network],
});
const { extensions } = cluster.registry;
const board = extensions.get(BOARDS, 'rk1');
console.log(
  strategiesFor(board, extensions)
    .map(({ id }) => id)
    .join(', '),
); // → flash, network
await cluster[Symbol.asyncDispose]();
