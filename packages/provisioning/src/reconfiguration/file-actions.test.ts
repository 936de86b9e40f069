import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ImageRecording } from '@turingpi/image/customization';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../../core/src/cluster/sample-cluster.fixture.js';
import { filesInPlace } from './file-actions.js';

type Operation = ImageRecording['operations'][number];
const recording = (...operations: readonly Operation[]): ImageRecording => ({
  ...{ operations, digest: '', contentBytes: 0 },
});
const write = (file: string, text: string, more: Partial<Operation> = {}): Operation =>
  ({
    ...{ call: 'writeFile', path: file, partition: 'root', attributes: {} },
    content: { kind: 'bytes', bytes: Buffer.from(text) },
    ...more,
  }) as Operation;

describe('files of an image on a node that runs', () => {
  it('those that changed are written, and one that is not asked for any more is left alone', async () => {
    const before = recording(write('/etc/a', '1'), write('/etc/b', '1'), write('/etc/c', '1'));
    const after = recording(write('/etc/a', '1'), write('/etc/b', '2'));
    const { changes, actions } = filesInPlace(before, after, false);
    expect(changes).toEqual([
      { name: 'file /etc/b', before: 'set', after: 'changed', takesEffect: 'in place' },
      {
        ...{ name: 'file /etc/c', before: 'set', after: 'not set', takesEffect: 'in place' },
        note: 'left on the node as it is',
      },
    ]);
    expect(await Promise.all(actions?.map(({ input }) => input()) ?? [])).toMatchObject([
      { path: '/etc/b', content: Buffer.from('2'), keep: true },
    ]);
  });

  it('all of them are looked at where a run has begun to change some', () => {
    const same = recording(write('/etc/a', '1'), write('/etc/b', '1'));
    expect(filesInPlace(same, same, true)).toMatchObject({ changes: [], actions: [{}, {}] });
    expect(filesInPlace(same, same, false).actions).toEqual([]);
  });

  it.each<[string, Operation]>([
    ['on another partition', write('/config.txt', 'x', { partition: 'boot' })],
    ['appended to', write('/etc/a', 'x', { call: 'appendFile' })],
    ['moved', { call: 'rename', path: '/etc/a', to: '/etc/b', partition: 'root' }],
    ['removed directly below /', { call: 'remove', path: '/srv', partition: 'root' }],
  ])('one that is %s needs a reinstallation', (_how, operation) => {
    const { changes, actions } = filesInPlace(undefined, recording(operation), false);
    expect(actions).toBeUndefined();
    expect(changes).toMatchObject([{ takesEffect: 'by a reinstallation' }]);
  });

  it('a file of this computer that is another one by now is not written', async () => {
    const source = path.join(await temporaryDirectory(), 'file');
    await writeFile(source, 'other');
    const content = { kind: 'local', source, size: 1, sha256: 'a'.repeat(64) } as const;
    const after = recording(write('/etc/a', '', { content }));
    const [action] = filesInPlace(undefined, after, false).actions ?? [];
    await expect(Promise.resolve(action?.input())).rejects.toMatchObject({ code: 'IMAGE_SOURCE_CHANGED' });
  });
});
