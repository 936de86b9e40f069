import type { EepromState } from './read-eeprom.js';

const BEGIN = 'RPi: BOOTLOADER';
const BUILT = /\bBUILD_TIMESTAMP=(\d{9,10})\b/;
/** The way that is tried, as a digit of the boot order, and what is left of the order after it. */
const FIRST_WAY = /\bBoot mode: [^\r\n]*?\([0-9a-f]?([0-9a-f])\) order ([0-9a-f]+)\b/;

/**
 * What the boot EEPROM of a Raspberry Pi printed about itself when it last started, as it does with `BOOT_UART=1` among
 * its settings (docs/reference/images.md, "EEPROM of a CM4").
 *
 * @param text - what the board still holds of a console; of when it is, and of which module, it does not tell
 */
export function eepromOnConsole(text: string): EepromState {
  const begin = text.lastIndexOf(BEGIN);
  if (begin < 0) return { built: undefined, bootOrder: undefined };
  const start = text.slice(begin);
  const seconds = BUILT.exec(start)?.[1];
  const [, first, rest] = FIRST_WAY.exec(start) ?? [];
  return {
    built: seconds === undefined ? undefined : new Date(Number(seconds) * 1000),
    bootOrder: first === undefined || rest === undefined ? undefined : `0x${rest}${first}`,
  };
}
