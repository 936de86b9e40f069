/** What the installer has to know of a compute module. */
export interface ModuleHardware {
  /** Which device trees of an image are the module's. */
  readonly deviceTree: RegExp;
  /** End of the path of the module's own network port in `/sys`, whatever the interface is called. */
  readonly networkDevice: string;
  /** Drivers without which there is no network, as modules are called. */
  readonly networkDrivers: readonly string[];
  /** Drivers that are welcome where the kernel has them as modules, in this order: until it has a clock, all is slow. */
  readonly otherDrivers: readonly string[];
  /** Whether its boot loader lies before the first partition, so that an image without one does not start. */
  readonly bootLoaderOnDisk: boolean;
  /**
   * What its boot loader calls the eMMC among `boot_targets`, where it also starts systems on an NVMe; undefined for a module
   * that has none.
   */
  readonly emmcBootTarget?: string;
}

/** Facts: docs/reference/images.md, "How a kernel is started, and what an installer relies on". */
const MODULES: Readonly<Record<string, ModuleHardware>> = {
  rk1: {
    deviceTree: /turing-?rk1/,
    networkDevice: 'fe1c0000.ethernet',
    networkDrivers: ['dwmac_rk'],
    otherDrivers: [
      'cpufreq_dt',
      'scmi_cpufreq',
      'motorcomm',
      'realtek',
      'sdhci_of_dwcmshc',
      'mmc_block',
      'phy_rockchip_snps_pcie3',
      'phy_rockchip_naneng_combphy',
      'nvme',
      '8021q',
      'af_packet',
    ],
    bootLoaderOnDisk: true,
    emmcBootTarget: 'mmc0',
  },
  cm4: {
    deviceTree: /^bcm2711-rpi-cm4/,
    networkDevice: 'fd580000.ethernet',
    networkDrivers: ['genet'],
    otherDrivers: [
      'raspberrypi_cpufreq',
      'broadcom',
      'bcm_phy_lib',
      'mdio_bcm_unimac',
      'sdhci_iproc',
      'mmc_block',
      '8021q',
      'af_packet',
    ],
    bootLoaderOnDisk: false,
  },
};

/** What is known of a type of module; undefined for one that is not installed over the network. */
export function moduleHardware(board: string): ModuleHardware | undefined {
  return Object.hasOwn(MODULES, board) ? MODULES[board] : undefined;
}
