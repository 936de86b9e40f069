import rk1 from '@turingpi/board-rk1';
import { createTuringPi, Node1 } from '@turingpi/core';
import ubuntu, { ubuntuImage } from '@turingpi/os-ubuntu';

const [baseImage = 'ubuntu.img.xz'] = process.argv.slice(2);
const cluster = await createTuringPi({
  ip: '192.0.2.90',
  node1: { ip: '192.0.2.101', board: 'rk1', hostname: 'lab-1' },
  cacheDir: 'cache-ubuntu',
  plugins: [rk1, ubuntu],
});
const makeImage = cluster.run((context) => ubuntuImage().withBaseImage(baseImage).run(context));
const { os, hostname } = await makeImage(Node1);
console.log(os, hostname); // → ubuntu lab-1
await cluster[Symbol.asyncDispose]();
