import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { NewWayStrategy } from './new-way-strategy.js';

await test('writes where the configuration says, from the folder that it is in', () => {
  const baseDir = path.resolve('lab');
  const diskWith = (newWay?: object) =>
    new NewWayStrategy({ baseDir, contributed: { newWay } }).diskOf({ id: 3 });
  assert.equal(diskWith(), path.join(baseDir, 'disks', 'node3.img'));
  assert.equal(diskWith({ folder: '../san' }), path.resolve('san', 'node3.img'));
});
