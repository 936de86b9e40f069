import rk1 from '@turingpi/board-rk1';
import { createTuringPi } from '@turingpi/core';
import { BOARDS } from '@turingpi/provisioning';

const cluster = await createTuringPi({
  ip: '192.0.2.90',
  node1: { ip: '192.0.2.101', board: 'rk1' },
  cacheDir: 'cache',
  plugins: [rk1],
});
const board = cluster.registry.extensions.get(BOARDS, 'rk1');
console.log(board.title); // → Turing RK1
console.log(board.strategies.map(({ id }) => id).join(', ')); // → flash
await cluster[Symbol.asyncDispose]();
