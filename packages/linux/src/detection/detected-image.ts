import type { ImageFiles } from '@turingpi/image';

/** One partition with a filesystem that could be read. */
export interface ImagePartition {
  /** Counted from one. */
  readonly number: number;
  /** Label of the filesystem. */
  readonly label: string;
  readonly files: ImageFiles;
}

/** The readable partitions of an image, the root filesystem singled out. */
export interface ImagePartitions {
  readonly root: ImageFiles;
  readonly others: readonly ImagePartition[];
}

export interface Distribution {
  /** `ubuntu`, `debian`, or whatever os-release says. */
  readonly id: string;
  /** For example `24.04` or `12`; empty for rolling ones. */
  readonly version: string;
  readonly codename: string;
  /** As shown to people. */
  readonly name: string;
}

/** Who made the image, of which `family/` tells what is peculiar. */
export const IMAGE_FAMILIES = [
  'ubuntu-rockchip',
  'ubuntu-raspberry-pi',
  'armbian',
  'raspberry-pi-os-bookworm',
  'raspberry-pi-os-trixie',
  'ubuntu',
  'debian',
  'unknown',
] as const;
export type ImageFamily = (typeof IMAGE_FAMILIES)[number];

export type BoardFamily = 'rockchip-rk3588' | 'raspberry-pi' | 'other' | 'unknown';

/** Where cloud-init will look for its seed. */
export interface SeedPlace {
  readonly kind: 'partition' | 'directory';
  /** Label of the partition, or path of the directory in the root filesystem. */
  readonly name: string;
  readonly files: ImageFiles;
  /** Directory of the seed files in `files`, without a slash at its end. */
  readonly directory: string;
}

export interface CloudInitState {
  readonly state: 'absent' | 'disabled' | 'enabled';
  readonly reason: string;
  readonly seed: SeedPlace | undefined;
}

export type NetworkStack = 'netplan' | 'network-manager' | 'systemd-networkd' | 'ifupdown' | 'unknown';

export interface NetworkStackState {
  readonly stack: NetworkStack;
  /** Under netplan: who does the work. */
  readonly renderer: 'networkd' | 'NetworkManager';
  readonly reason: string;
}

/** What an image is, found by looking into it, with the evidence for each finding. */
export interface DetectedImage {
  readonly distribution: Distribution;
  readonly family: ImageFamily;
  readonly board: BoardFamily;
  /** The board's name where the image states it, for example `turing-rk1`. */
  readonly boardReason: string;
  readonly cloudInit: CloudInitState;
  readonly network: NetworkStackState;
  /** What would ask for a password or a user at the first login. */
  readonly firstLogin:
    'none' | 'armbian-wizard' | 'raspberry-pi-wizard' | 'oem-config-wizard' | 'expired-password';
  /** Name of the wired interface where it is certain, and why. */
  readonly interfaceName: string | undefined;
  readonly interfaceReason: string;
  /** The FAT partition that holds a Raspberry Pi's boot files. */
  readonly firmware: ImageFiles | undefined;
}
