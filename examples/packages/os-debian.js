import cm4 from '@turingpi/board-cm4';
import { createTuringPi, Node1 } from '@turingpi/core';
import debian, { debianImage } from '@turingpi/os-debian';

const [baseImage = 'debian.img.xz'] = process.argv.slice(2);
const cluster = await createTuringPi({
  ip: '192.0.2.90',
  node1: { ip: '192.0.2.101', board: 'cm4', hostname: 'lab-1' },
  cacheDir: 'cache-debian',
  plugins: [cm4, debian],
});
const makeImage = cluster.run((context) => debianImage().withBaseImage(baseImage).run(context));
const { os, hostname } = await makeImage(Node1);
console.log(os, hostname); // → debian lab-1
await cluster[Symbol.asyncDispose]();
