import type { DetectedImage } from '../detection/detected-image.js';

/** What an image needs of the boot EEPROM of a Raspberry Pi module. */
export interface EepromRequirement {
  /** The image, as shown to people. */
  readonly image: string;
  /** Day of the oldest EEPROM that boots it, `YYYY-MM-DD`. */
  readonly since: string;
}

/** Ubuntu boots by `piboot-try` from here on, for which the EEPROM has to know how to try a set of boot files. */
const UBUNTU_PIBOOT = { version: 26.04, since: '2022-11-25' } as const;

/**
 * What an image needs of the EEPROM of the module that it is for; undefined when every one will do.
 *
 * @remarks Source: docs/reference/images.md, "EEPROM of a CM4", second hand; not tried on a module (hardware
 * checklist).
 */
export function eepromRequirementOf(
  { distribution, board }: Pick<DetectedImage, 'distribution' | 'board'>,
  boardType: string,
): EepromRequirement | undefined {
  const isForPi = boardType === 'cm4' && board === 'raspberry-pi';
  if (!isForPi || distribution.id !== 'ubuntu') return undefined;
  if (!(Number(distribution.version) >= UBUNTU_PIBOOT.version)) return undefined;
  return { image: distribution.name, since: UBUNTU_PIBOOT.since };
}
