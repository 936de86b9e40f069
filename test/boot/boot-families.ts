import { PACKAGE } from './package-repository.js';

/** An image as people flash it, what is asked of it, and what differs when it has booted. */
export interface BootFamily {
  readonly name: string;
  /** The name that `scripts/make-boot-image.mjs` knows its image by. Default: that of the family. */
  readonly image?: string;
  /** What is special, for the test's name. */
  readonly title: string;
  readonly os: 'ubuntu' | 'debian';
  readonly board: 'rk1' | 'cm4';
  readonly cloudInit: boolean;
  /** The image enlarges its root filesystem to the size of the eMMC. */
  readonly grows: boolean;
  /** User, password and keys are given to the installer alone, which finishes the image with a second edit. */
  readonly lateCredentials?: true;
  /** The image's own accounts are kept: the shipped password is changed in a dialogue at the first login. */
  readonly firstLogin?: true;
  /** A login that the image would let in if it were left as it is. */
  readonly shippedLogin?: { readonly username: string; readonly password: string };
  /** The node's network is in this VLAN, and nothing else is on its cable. */
  readonly vlan?: number;
  /** The interface is given by its MAC address. Default: whatever wired interface there is. */
  readonly byMacAddress?: true;
  /** A language that the image does not have yet. */
  readonly locale?: string;
  /** To be installed at the first boot. */
  readonly packages?: readonly string[];
  /** Booted in every run, also in one of the strongest alone: each of them has a first boot of its own kind. */
  readonly strongest?: true;
}

const UBUNTU_LOGIN = { username: 'ubuntu', password: 'ubuntu' } as const;
const VLAN = 42;

const ALL_FAMILIES: readonly BootFamily[] = [
  {
    name: 'ubuntu-rk1-cidata',
    strongest: true,
    title: 'an image of 2500 MiB with a real Debian root',
    os: 'ubuntu',
    board: 'rk1',
    cloudInit: true,
    grows: true,
    lateCredentials: true,
    shippedLogin: UBUNTU_LOGIN,
    locale: 'de_DE.UTF-8',
    packages: [PACKAGE],
  },
  {
    name: 'ubuntu-rk1-system-boot',
    title: 'in a VLAN, by MAC address',
    os: 'ubuntu',
    board: 'rk1',
    cloudInit: true,
    grows: true,
    shippedLogin: UBUNTU_LOGIN,
    vlan: VLAN,
    byMacAddress: true,
  },
  {
    name: 'ubuntu-rk1-first-login',
    image: 'ubuntu-rk1-system-boot',
    title: 'whose own password must be changed at the first login',
    os: 'ubuntu',
    board: 'rk1',
    cloudInit: true,
    grows: true,
    firstLogin: true,
    shippedLogin: UBUNTU_LOGIN,
  },
  {
    name: 'armbian-rk1',
    title: 'with a wizard at the first login',
    os: 'debian',
    board: 'rk1',
    cloudInit: false,
    grows: true,
    shippedLogin: { username: 'root', password: '1234' },
    locale: 'de_DE.UTF-8',
    packages: [PACKAGE],
  },
  {
    name: 'debian-ifupdown',
    title: 'without cloud-init, by MAC address',
    os: 'debian',
    board: 'cm4',
    cloudInit: false,
    grows: false,
    byMacAddress: true,
  },
  {
    name: 'debian-network-manager',
    title: 'without cloud-init, in a VLAN',
    os: 'debian',
    board: 'rk1',
    cloudInit: false,
    grows: false,
    vlan: VLAN,
  },
  {
    name: 'raspberry-pi-os-trixie',
    strongest: true,
    title: 'with the seed beside the boot files',
    os: 'debian',
    board: 'cm4',
    cloudInit: true,
    grows: true,
  },
];

/** The families of this run: with `BOOTS=strongest` only those. */
export const BOOT_FAMILIES = ALL_FAMILIES.filter(
  ({ strongest }) => strongest === true || process.env['BOOTS'] !== 'strongest',
);

/** The images of these families, by the names that `scripts/make-boot-image.mjs` knows them by. */
export const BOOT_IMAGES = [...new Set(BOOT_FAMILIES.map(imageOf))];

export function imageOf({ name, image }: BootFamily): string {
  return image ?? name;
}
