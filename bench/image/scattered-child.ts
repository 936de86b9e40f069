// Edits a few bytes in many blocks of an .xz image, in a process of its own, for its memory.
// Arguments: base image, cache directory, output, number of blocks, MiB between them. Prints one JSON object.
import { openImageDisk, OverlayDisk, writeImage } from '@turingpi/image';
import { timed } from '../stopwatch.js';

const [base = '', cacheDir = '', output = '', blocks = '', distanceMiB = ''] = process.argv.slice(2);
const { signal } = new AbortController();

const { seconds } = await timed(async () => {
  await using source = await openImageDisk(base, { cacheDir, signal });
  await using overlay = new OverlayDisk(source.disk, { cacheDir });
  for (let block = 0; block < Number(blocks); block++) {
    await overlay.write(block * Number(distanceMiB) * 2 ** 20 + 1000, Buffer.from('turingpi'));
  }
  await writeImage(source, overlay, output, { format: 'xz', signal });
});
process.stdout.write(`${JSON.stringify({ seconds, maxRssMb: process.resourceUsage().maxRSS / 1000 })}\n`);
