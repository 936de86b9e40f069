import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageOperation } from './image-operation.js';
import { describeRecording, restoreRecording } from './recording-record.js';

const attributes = fc.record(
  {
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.nat(70_000),
    gid: fc.nat(70_000),
    mtime: fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
  },
  { requiredKeys: [] },
);
const path = fc.stringMatching(/^\/[a-z]{1,8}$/);
const partition = fc.oneof(fc.constant('root'), fc.integer({ min: 1, max: 4 }));
const content = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => ({ kind: 'bytes' as const, bytes: Buffer.from(bytes) })),
  fc.record({
    kind: fc.constant('local' as const),
    source: path,
    size: fc.nat(),
    sha256: fc.constant('ab'.repeat(32)),
  }),
);
const operation: fc.Arbitrary<ImageOperation> = fc.oneof(
  fc.record({
    call: fc.constantFrom('writeFile' as const, 'appendFile' as const),
    ...{ path, partition, content, attributes },
  }),
  fc.record({ call: fc.constant('setAttributes' as const), path, partition, attributes }),
  fc.record({ call: fc.constant('rename' as const), path, to: path, partition }),
  fc.record({ call: fc.constant('remove' as const), path, partition }),
);

describe('a recording as JSON', () => {
  it('gives back the recording', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
        const recording = { operations, digest: 'd', contentBytes: 7 };
        const kept = new Map<string, Buffer>();
        const record = await describeRecording(recording, (sha256, bytes) => {
          expect(kept.has(sha256)).toBe(false);
          kept.set(sha256, Buffer.from(bytes));
          return Promise.resolve();
        });
        const read = JSON.parse(JSON.stringify(record)) as typeof record;
        expect(await restoreRecording(read, (sha256) => Promise.resolve(kept.get(sha256)))).toEqual(
          recording,
        );
      }),
    );
  });

  it.each([
    ['gone', undefined],
    ['another', Buffer.from('other')],
  ])('is none when a content is %s', async (_how, bytes) => {
    const written: ImageOperation = {
      ...{ call: 'writeFile', path: '/x', partition: 1, attributes: {} },
      content: { kind: 'bytes', bytes: Buffer.from('content') },
    };
    const recording = { operations: [written], digest: 'd', contentBytes: 7 };
    const record = await describeRecording(recording, () => Promise.resolve());
    expect(await restoreRecording(record, () => Promise.resolve(bytes))).toBeUndefined();
  });
});
