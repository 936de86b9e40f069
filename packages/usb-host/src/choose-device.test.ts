import { describe, expect, test } from 'vitest';
import type { BlockDevice } from './block-device.js';
import { chooseDevice } from './choose-device.js';

const disk = (given: Partial<BlockDevice>): BlockDevice => ({
  path: '/dev/sdb',
  sizeBytes: 8e9,
  vendor: '',
  model: '',
  serial: '',
  usbId: undefined,
  usedAt: [],
  ...given,
});
const system = disk({ path: '/dev/nvme0n1', sizeBytes: 5e11, usedAt: ['/', '[SWAP]'] });
const stick = disk({ path: '/dev/sda', vendor: 'SanDisk', usbId: '0781:5581' });
const legacy = disk({ path: '/dev/sdb', vendor: 'RPi-MSD-', model: '0001', usbId: '0a5c:0001' });
const code = (code: string): unknown => expect.objectContaining({ code });

describe('chooseDevice', () => {
  test('takes the one disk that appeared and is a Compute Module', () => {
    expect(chooseDevice([system, stick], [stick, legacy, system], 1e9)).toBe(legacy);
  });

  test('a stick plugged in at the same moment is not taken for it', () => {
    expect(chooseDevice([system], [system, stick, legacy], 1e9)).toBe(legacy);
    expect(() => chooseDevice([system], [system, stick], 1e9)).toThrow(code('CM4_DEVICE_NOT_FOUND'));
  });

  test('a module that was there before is not taken', () => {
    expect(() => chooseDevice([system, legacy], [system, legacy], 1e9)).toThrow(code('CM4_DEVICE_NOT_FOUND'));
  });

  test('the same name with another size or identity is another disk', () => {
    expect(chooseDevice([disk({ path: '/dev/sdb', sizeBytes: 0 })], [legacy], 1e9)).toBe(legacy);
  });

  test('of several disks of a gadget only one named after the eMMC counts', () => {
    const emmc = disk({ path: '/dev/sdc', model: 'mmcblk0', usbId: '0a5c:0104' });
    const nvme = disk({ path: '/dev/sdd', model: 'nvme0n1', usbId: '0a5c:0104' });
    expect(chooseDevice([], [nvme, emmc], 1e9)).toBe(emmc);
    expect(() => chooseDevice([], [nvme, { ...nvme, path: '/dev/sde' }], 1e9)).toThrow(
      code('CM4_DEVICE_AMBIGUOUS'),
    );
    expect(() => chooseDevice([], [emmc, { ...emmc, path: '/dev/sde' }], 1e9)).toThrow(
      code('CM4_DEVICE_AMBIGUOUS'),
    );
  });

  test('refuses what is mounted and what is too small', () => {
    expect(() => chooseDevice([], [{ ...legacy, usedAt: ['/media/boot'] }], 1e9)).toThrow(
      code('CM4_DEVICE_IN_USE'),
    );
    expect(() => chooseDevice([], [legacy], 9e9)).toThrow(code('CM4_DEVICE_TOO_SMALL'));
  });
});
