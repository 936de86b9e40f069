import cm4 from '@turingpi/board-cm4';
import { createTuringPi } from '@turingpi/core';
import { BOARDS } from '@turingpi/provisioning';

const cluster = await createTuringPi({
  ip: '192.0.2.90',
  node1: { ip: '192.0.2.101', board: 'cm4' },
  cacheDir: 'cache',
  plugins: [cm4],
});
const board = cluster.registry.extensions.get(BOARDS, 'cm4');
console.log(board.title); // → Raspberry Pi CM4
console.log(board.strategies.map(({ id }) => id).join(', ')); // → flash, rpiboot
await cluster[Symbol.asyncDispose]();
