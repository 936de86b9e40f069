import { createTuringPi } from '@turingpi/core';
import { definePlugin } from '@turingpi/core/plugin';

const told = [];
const watcher = definePlugin({ name: 'watcher', hooks: { onEvent: ({ type }) => void told.push(type) } });
const cluster = await createTuringPi({
  ip: '192.0.2.90',
  node1: { ip: '192.0.2.101', board: 'rk1' },
  cacheDir: 'cache',
  plugins: [watcher, '@turingpi/board-rk1'],
});
for (const { plugin } of cluster.plugins.plugins) console.log(plugin.name);
// → watcher
// → @turingpi/board-rk1
await cluster[Symbol.asyncDispose]();
