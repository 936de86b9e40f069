// Serves an image to four nodes at the same time, in a process of its own, so that its memory is only that of serving.
// Arguments: a directory, size of the image in MB. Prints one JSON object. Needs curl.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { ImageServer, ServedImage } from '@turingpi/install-network/served';
import { execa } from 'execa';
import { timed } from '../stopwatch.js';

const [directory = '', megabytes = '2500'] = process.argv.slice(2);
const { signal } = new AbortController();

// Without a partition table all of it is in use; nothing of it has to be read from a disk.
const file = path.join(directory, 'served.img');
const image = await open(file, 'w');
await image.write('no table', 0);
await image.truncate(Number(megabytes) * 1e6);
await image.close();

await using served = await ServedImage.open(file, { cacheDir: directory, signal });
await using server = await ImageServer.listen({ host: '127.0.0.1' });
const { parcels } = await served.planFor(served.rawSizeBytes);
const { seconds } = await timed(() => Promise.all([1, 2, 3, 4].map(pull)));
process.stdout.write(
  `${JSON.stringify({
    seconds,
    megabytes: (4 * served.transferBytes) / 1e6,
    maxRssMb: process.resourceUsage().maxRSS / 1000,
  })}\n`,
);

async function pull(): Promise<void> {
  const { token } = server.admit(served, () => undefined);
  const url = `https://127.0.0.1:${server.port}`;
  const common = [
    '-q',
    '--silent',
    '--show-error',
    '--fail',
    '--insecure',
    '--header',
    `Authorization: Bearer ${token}`,
  ];
  await execa('curl', [
    ...common,
    '--data',
    `disk ${served.rawSizeBytes}`,
    '--output',
    '/dev/null',
    `${url}/plan`,
  ]);
  await execa('curl', [...common, '--output', '/dev/null', `${url}/parcel/[0-${parcels.length - 1}]`]);
}
