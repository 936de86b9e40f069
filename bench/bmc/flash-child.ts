// Flashes node 1 as `turingpi node flash` does, and says how long it took from its first request to its last.
// Arguments: host, port, public key pin, image, SHA-256, work directory. Prints one JSON object.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { approveErasure } from '@turingpi/foundation';
import { benchArguments } from './bench-client.js';

const { image: file, sha256, client: opened } = benchArguments();
await using client = opened;
const start = process.hrtime.bigint();
await client.flashNode({
  node: 1,
  permit: approveErasure({ node: 1 }),
  attempts: 1,
  image: {
    format: 'raw',
    open: async () => {
      const { size } = await stat(file);
      const lengths = { lengthBytes: size, rawSizeBytes: size, dictionaryBytes: undefined };
      return { stream: createReadStream(file), format: 'raw', sha256, ...lengths };
    },
  },
});
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
process.stdout.write(`${JSON.stringify({ seconds })}\n`);
