// Flashes an image in a process of its own, so that its memory is only that of the client.
// Arguments: host, port, public key pin, image, SHA-256, work directory. Prints one JSON object.
import path from 'node:path';
import { fileSource, HttpsBmcClient } from '@turingpi/bmc';
import { Secret, silentLogger } from '@turingpi/core/plugin';

const [host = '', port = '', publicKeyPin = '', image = '', sha256 = '', work = ''] = process.argv.slice(2);
const source = await fileSource(image);
const { lengthBytes } = source;
await using client = new HttpsBmcClient({
  endpoint: { host, port: Number(port), httpPort: 80 },
  credentials: { username: 'root', password: new Secret(process.env['TPI_PASSWORD'] ?? '') },
  pins: { publicKeyPin, certificateFingerprint: undefined },
  cacheDir: path.join(work, 'client'),
  lockDir: path.join(work, 'locks'),
  logger: silentLogger,
});
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
