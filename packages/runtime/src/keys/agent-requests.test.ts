import { once } from 'node:events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AgentRequests } from './agent-requests.js';

const requestOf = (type: number, body: Uint8Array) => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + body.length, 0);
  head[4] = type;
  return Buffer.concat([head, body]);
};

it('passes on what is understood, as wholes, and refuses the rest, however it comes in pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(11, 13, 27, 17), fc.uint8Array({ maxLength: 40 }))),
      fc.integer({ min: 1, max: 9 }),
      async (sent, size) => {
        let refused = 0;
        const requests = new AgentRequests(() => (refused += 1));
        const passed: Buffer[] = [];
        requests.on('data', (piece: Buffer) => passed.push(piece));
        const bytes = Buffer.concat(sent.map(([type, body]) => requestOf(type, body)));
        for (let at = 0; at < bytes.length; at += size) requests.write(bytes.subarray(at, at + size));
        requests.end();
        await once(requests, 'end');
        const understood = sent.filter(([type]) => type === 11 || type === 13);
        expect(passed).toEqual(understood.map(([type, body]) => requestOf(type, body)));
        expect(refused).toBe(sent.length - understood.length);
      },
    ),
    { numRuns: 50 },
  );
});

it.each(['ffffffff00', '0000000000'])('takes %s for no request', async (hex) => {
  const requests = new AgentRequests(() => undefined);
  const failed = once(requests, 'error');
  requests.write(Buffer.from(hex, 'hex'));
  await expect(failed).resolves.toMatchObject([{ message: 'this is no request to an agent' }]);
});
