/** An image as people flash it, and what differs when it has booted. */
export interface BootFamily {
  /** Also the name that `scripts/make-boot-image.mjs` knows it by. */
  readonly name: string;
  readonly os: 'ubuntu' | 'debian';
  readonly board: 'rk1' | 'cm4';
  readonly cloudInit: boolean;
  /** The image enlarges its root filesystem to the size of the eMMC. */
  readonly grows: boolean;
  /** User, password and keys are given to the installer alone, which finishes the image with a second edit. */
  readonly lateCredentials?: true;
  /** A login that the image would let in if it were left as it is. */
  readonly shippedLogin?: { readonly username: string; readonly password: string };
}

const UBUNTU_LOGIN = { username: 'ubuntu', password: 'ubuntu' } as const;

export const BOOT_FAMILIES: readonly BootFamily[] = [
  {
    name: 'ubuntu-rk1-cidata',
    os: 'ubuntu',
    board: 'rk1',
    cloudInit: true,
    grows: true,
    lateCredentials: true,
    shippedLogin: UBUNTU_LOGIN,
  },
  {
    name: 'ubuntu-rk1-system-boot',
    os: 'ubuntu',
    board: 'rk1',
    cloudInit: true,
    grows: true,
    shippedLogin: UBUNTU_LOGIN,
  },
  { name: 'debian-ifupdown', os: 'debian', board: 'cm4', cloudInit: false, grows: false },
  { name: 'debian-network-manager', os: 'debian', board: 'rk1', cloudInit: false, grows: false },
  { name: 'raspberry-pi-os-trixie', os: 'debian', board: 'cm4', cloudInit: true, grows: true },
];
