import { Secret } from '@turingpi/foundation';
import type { FirstBootCredentials } from '@turingpi/provisioning';
import { generateHostKeys } from '@turingpi/runtime';
import { checkCredentials } from '../account/check-credentials.js';
import { hashPassword } from '../account/password-hash.js';
import { planCredentials } from '@turingpi/provisioning';
import { detectImage } from '../detection/detect-image.js';
import type { DetectedImage } from '../detection/detected-image.js';
import {
  imageOf,
  IMAGE_FAMILIES,
  type ImageFamilyName,
  type ImageHistory,
} from '../detection/image-families.fixture.js';
import type { MemoryImageFiles } from '../detection/memory-image-files.fixture.js';
import { planNetwork } from '../network/network-plan.js';
import type { LinuxProfile } from '../profile/linux-profile.js';
import { customizeImage, type CustomizationResult } from './customize-image.js';

export const PASSWORD = 'Correct-Horse-7';
export const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3TpK1nOn3NjPUEPTlR4kOMaQbE9TFHmsRXBb8xaPGZ ops@example';
/** Every kind of image that we know. */
export const FAMILIES = Object.keys(IMAGE_FAMILIES) as ImageFamilyName[];

export const profile: LinuxProfile = {
  id: 'test',
  distribution: 'debian',
  firstUser: (image) => ({
    name: image.family.startsWith('raspberry-pi-os') ? 'pi' : 'admin',
    groups: ['sudo', 'video', 'gpio'],
    ...(image.family.startsWith('raspberry-pi-os') && { renames: 'pi' }),
  }),
};

const passwordHash = hashPassword(new Secret(PASSWORD)); // takes a while, on purpose
export const hostKeys = await generateHostKeys();

/** Every setting that credentials can hold. */
export const everything: FirstBootCredentials = {
  username: 'ops',
  password: new Secret(PASSWORD),
  sshKeys: [KEY],
  passwordAuthentication: true,
  timezone: 'Europe/Berlin',
  locale: 'de_DE.UTF-8',
  packages: ['htop'],
};

/** An image in memory, after it was customised. */
export interface Customized {
  readonly root: MemoryImageFiles;
  readonly all: readonly MemoryImageFiles[];
  readonly detected: DetectedImage;
  readonly result: CustomizationResult;
}

/**
 * Customises an image of a family for `node1`.
 *
 * @param times - How often, one on top of the other.
 * @param history - What happened to the image before: files laid over those of the family.
 */
export async function customize(
  name: ImageFamilyName,
  credentials: FirstBootCredentials | null = everything,
  times = 1,
  { history = {}, hostname = 'node1' }: { history?: ImageHistory; hostname?: string } = {},
): Promise<Customized> {
  const { root, partitions, all } = imageOf(name, history);
  const planned = credentials ? await planCredentials(credentials) : undefined;
  if (planned) checkCredentials(planned);
  let detected = await detectImage(partitions);
  let result: CustomizationResult | undefined;
  for (let round = 0; round < times; round += 1) {
    detected = await detectImage(partitions);
    result = await customizeImage(partitions, detected, {
      network: planNetwork({
        hostname,
        ipCidr: '192.168.1.100/24',
        gateway: '192.168.1.1',
        dnsServers: ['192.168.1.1'],
      }),
      credentials: planned,
      passwordHash: credentials?.password === undefined ? undefined : passwordHash,
      hostKeys,
      profile,
      instanceId: 'turingpi-test',
    });
  }
  return { root, all, detected, result: result! };
}

const images = new Map<ImageFamilyName, Promise<Customized>>();
/** The image of a family with {@link everything} set, the same one for all tests that only look. */
export function shared(name: ImageFamilyName): Promise<Customized> {
  const image = images.get(name) ?? customize(name);
  images.set(name, image);
  return image;
}
