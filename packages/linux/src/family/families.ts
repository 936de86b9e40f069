import { armbian } from './armbian.js';
import { debian } from './debian.js';
import type { ImageFamily } from '../detection/detected-image.js';
import type { FamilyEvidence, ImageFamilyDefinition } from './image-family.js';
import { raspberryPiOsBookworm, raspberryPiOsTrixie } from './raspberry-pi-os.js';
import { ubuntu, ubuntuRaspberryPi, ubuntuRockchip } from './ubuntu.js';

/** An image of nobody we know: nothing about it is peculiar. */
const unknown: ImageFamilyDefinition = { id: 'unknown', matches: () => true };

/** Every family, in the order in which they are tried: what is told by files of its own comes first. */
const FAMILIES: readonly ImageFamilyDefinition[] = [
  armbian,
  ubuntuRockchip,
  ubuntuRaspberryPi,
  ubuntu,
  raspberryPiOsBookworm,
  raspberryPiOsTrixie,
  debian,
  unknown,
];

/** What is peculiar about images of a family. */
export function familyOf(id: ImageFamily): ImageFamilyDefinition {
  return FAMILIES.find((family) => family.id === id) ?? unknown;
}

/** Of which family an image is. */
export async function detectFamily(evidence: FamilyEvidence): Promise<ImageFamily> {
  for (const family of FAMILIES) if (await family.matches(evidence)) return family.id;
  return unknown.id;
}
