import { expect, test } from 'vitest';
import { parseDiskutilInfo, parseDiskutilList } from './macos-devices.js';

// Shapes as documented for diskutil's property lists; not recorded on a Mac with a module.
const LIST = JSON.stringify({
  AllDisks: ['disk4', 'disk4s1'],
  AllDisksAndPartitions: [
    {
      DeviceIdentifier: 'disk4',
      Size: 7818182656,
      Partitions: [{ DeviceIdentifier: 'disk4s1', MountPoint: '/Volumes/bootfs' }],
    },
    { DeviceIdentifier: 'disk5', Size: 1, Partitions: [] },
  ],
  WholeDisks: ['disk4', 'disk5'],
});

test('external disks and where they are mounted', () => {
  expect(parseDiskutilList(LIST)).toEqual([
    { disk: 'disk4', usedAt: ['/Volumes/bootfs'] },
    { disk: 'disk5', usedAt: [] },
  ]);
  expect(() => parseDiskutilList('{"WholeDisks":["disk4; rm"]}')).toThrow();
});

test('one disk, written through its raw device', () => {
  const info = JSON.stringify({ TotalSize: 7818182656, MediaName: 'RPi-MSD- 0001' });
  expect(parseDiskutilInfo(info, 'disk4', [])).toEqual({
    path: '/dev/rdisk4',
    sizeBytes: 7818182656,
    vendor: 'RPi-MSD-',
    model: '0001',
    serial: '',
    usbId: undefined,
    usedAt: [],
  });
});
