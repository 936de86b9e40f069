// Flashes a raw image file in a process of its own, from the built packages, so that it can be killed.
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { HttpsBmcClient } from '@turingpi/bmc';
import { FileStateStore } from '@turingpi/core';
import { approveErasure, Secret, silentLogger } from '@turingpi/core/plugin';

const { file, node, shared, options } = JSON.parse(process.argv[2]);
const bytes = readFileSync(file);
const client = new HttpsBmcClient({
  ...options,
  credentials: { username: 'root', password: new Secret('turing') },
  logger: silentLogger,
});
const request = {
  node,
  permit: approveErasure({ node }),
  otherNodes: 'keep',
  image: {
    format: 'raw',
    open: () =>
      Promise.resolve({
        stream: createReadStream(file),
        format: 'raw',
        lengthBytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        rawSizeBytes: bytes.length,
        dictionaryBytes: undefined,
      }),
  },
  // A text in a file stands for one that several computers share.
  ...(shared && { sharedTransfer: new FileStateStore(shared).papers.text('transfer') }),
  progress: (progress) => process.stdout.write(`${JSON.stringify(progress)}\n`),
};
try {
  const result = await client.flashNode(request);
  process.stdout.write(`${JSON.stringify({ result })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ code: error.code })}\n`);
  process.exitCode = 1; // and no exit: it must end by itself
}
