import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CustomizedImage, Node } from '@turingpi/core/plugin';
import { expect, it, onTestFinished } from 'vitest';
import { type KeptRequest, KeptRequests } from './kept-request.js';

/** More than are kept of one node. */
const MANY = 20;

const imageOf = (name: string) =>
  ({ plan: createHash('sha256').update(name).digest('hex') }) as unknown as CustomizedImage;
const requestOf = (base: string) => ({ base, inputs: {} }) as unknown as KeptRequest;

async function keptOn(): Promise<(board?: string) => KeptRequests> {
  const cacheDir = await mkdtemp(path.join(os.tmpdir(), 'turingpi-requests-'));
  onTestFinished(() => rm(cacheDir, { recursive: true, force: true }));
  return (board) => {
    const node = { id: 1, ...(board === undefined ? {} : { board }) } as Node;
    return new KeptRequests({ node, cacheDir, planning: false });
  };
}

it('what a node was asked to be stays, however much the same node of another board is asked', async () => {
  const on = await keptOn();
  for (const board of [undefined, 'shelf', 'rack'])
    await on(board).keep(imageOf('first'), requestOf(board ?? 'alone'));
  for (let count = 0; count < MANY; count += 1)
    await on('rack').keep(imageOf(`rack ${count}`), requestOf('rack'));
  expect(await on().read(imageOf('first'))).toMatchObject({ base: 'alone' });
  expect(await on('shelf').read(imageOf('first'))).toMatchObject({ base: 'shelf' });
  expect(await on('rack').read(imageOf('first'))).toBeUndefined(); // the oldest of its own
  expect(await on('rack').read(imageOf(`rack ${MANY - 1}`))).toMatchObject({ base: 'rack' });
});
