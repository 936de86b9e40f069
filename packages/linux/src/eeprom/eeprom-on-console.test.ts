import { describe, expect, it } from 'vitest';
import { eepromOnConsole } from './eeprom-on-console.js';

// In the form that each generation of the EEPROM prints; the values are made up.
const IN_2019 =
  'RPi: BOOTLOADER release VERSION:0f1e2d3c Sep 10 2019 10:41:52 BOOTMODE: 0x00000006 part: 0 BUILD_TIMESTAMP=1568112110\r\n';
const IN_2021 =
  'RPi: BOOTLOADER release VERSION:1a2b3c4d DATE: 2021/11/22 TIME: 11:23:32 BOOTMODE: 0x00000006 part: 0 BUILD_TIMESTAMP=1637580212 0x01234567 0x00a03140 0x00050f94\r\nPM_RSTS: 0x00001020\r\n\r\nBoot mode: SD (01) order f2564\r\n';
const IN_2023 =
  '  2.74 RPi: BOOTLOADER release VERSION:5e6f7a8b DATE: 2023/01/11 TIME: 17:40:52\r\n  2.75 BOOTMODE: 0x06 partition 0 build-ts BUILD_TIMESTAMP=1673458852 serial 89abcdef boardrev a03140 stc 493210\r\n  2.90 Boot mode: NETWORK (02) order f6\r\n  9.90 Boot mode: NVME (06) order f\r\n';

describe('what the boot EEPROM prints when it starts', () => {
  it.each([
    ['2019', IN_2019, 1_568_112_110, undefined],
    ['2021', IN_2021, 1_637_580_212, '0xf25641'],
    ['2023', IN_2023, 1_673_458_852, '0xf62'],
  ])('in %s tells its age, and its boot order', (_year, text, seconds, bootOrder) => {
    expect(eepromOnConsole(`noise\r\n${text}`)).toEqual({ built: new Date(seconds * 1000), bootOrder });
  });

  it('counts as it was the last time', () => {
    expect(eepromOnConsole(`${IN_2023}a login:\r\n${IN_2021}`).built?.getUTCFullYear()).toBe(2021);
    expect(eepromOnConsole(`${IN_2021}${IN_2019}`).bootOrder).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a start that was cut', 'RPi: BOOTLOADER release VERS'],
    ['what only looks like it', 'BUILD_TIMESTAMP=1673458852\r\nBoot mode: SD (01) order f4\r\n'],
  ])('is nothing in %s', (_what, text) => {
    expect(eepromOnConsole(text)).toEqual({ built: undefined, bootOrder: undefined });
  });
});
