// Flashes an image in a process of its own, so that its memory is only that of the client.
// Arguments: host, port, public key pin, image, SHA-256, work directory. Prints one JSON object.
import { fileSource } from '@turingpi/bmc';
import { benchArguments } from './bench-client.js';

const { image, sha256, client: opened } = benchArguments();
await using client = opened;
const source = await fileSource(image);
const { lengthBytes } = source;
const handle = await client.transfer.startFlash(
  1,
  { from: 'upload', name: 'image.img', lengthBytes, sha256 },
  { skipReadback: true },
);
const start = process.hrtime.bigint();
await client.transfer.upload(handle, source, { stallMs: 60_000, answerMs: 60_000 });
const uploadSeconds = Number(process.hrtime.bigint() - start) / 1e9;
process.stdout.write(
  `${JSON.stringify({ uploadSeconds, maxRssMb: (process.resourceUsage().maxRSS * 1024) / 1e6 })}\n`,
);
