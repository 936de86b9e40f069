import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseLsblk, usbIdOf } from './linux-devices.js';

const OUTPUT = JSON.stringify({
  blockdevices: [
    {
      name: 'sda',
      path: '/dev/sda',
      type: 'disk',
      size: 500107862016,
      vendor: 'ATA     ',
      model: 'Samsung SSD 860',
      serial: 'S3Z',
      mountpoints: [null],
      children: [
        { name: 'sda1', path: '/dev/sda1', type: 'part', size: 1, mountpoints: ['/boot'] },
        {
          name: 'sda2',
          path: '/dev/sda2',
          type: 'part',
          size: 1,
          mountpoints: [null],
          children: [
            { name: 'vg-root', path: '/dev/mapper/vg-root', type: 'lvm', size: 1, mountpoints: [null] },
          ],
        },
      ],
    },
    {
      name: 'sdb',
      path: '/dev/sdb',
      type: 'disk',
      size: '7818182656',
      vendor: 'RPi-MSD-',
      model: '0001',
      serial: null,
      mountpoints: [],
    },
    { name: 'sr0', path: '/dev/sr0', type: 'rom', size: 1073741312, mountpoints: [null] },
  ],
});

describe('parseLsblk', () => {
  test('tells the disks, and what any part of them is used for', () => {
    expect(parseLsblk(OUTPUT)).toEqual([
      expect.objectContaining({ path: '/dev/sda', vendor: 'ATA', usedAt: ['/boot', '/dev/mapper/vg-root'] }),
      {
        name: 'sdb',
        path: '/dev/sdb',
        sizeBytes: 7818182656,
        vendor: 'RPi-MSD-',
        model: '0001',
        serial: '',
        usedAt: [],
      },
    ]);
  });

  test.each(['', '{}', '{"blockdevices":[{"name":1}]}'])('refuses %j', (output) => {
    expect(() => parseLsblk(output)).toThrow();
  });
});

test('the USB identity is that of the nearest USB device above the disk', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'sysfs-'));
  try {
    const usb = path.join(root, 'devices', 'usb1', '1-1');
    await mkdir(path.join(usb, '1-1:1.0', 'host0', 'block', 'sdb'), { recursive: true });
    await writeFile(path.join(usb, 'idVendor'), '0A5C\n');
    await writeFile(path.join(usb, 'idProduct'), '0001\n');
    await mkdir(path.join(root, 'block'));
    await symlink(path.join(usb, '1-1:1.0', 'host0', 'block', 'sdb'), path.join(root, 'block', 'sdb'));
    expect(await usbIdOf('sdb', path.join(root, 'block'))).toBe('0a5c:0001');
    expect(await usbIdOf('sdz', path.join(root, 'block'))).toBeUndefined();
  } finally {
    await rm(root, { recursive: true });
  }
});
