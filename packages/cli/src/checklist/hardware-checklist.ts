/** Something that is taken to be so on real boards, and that nobody had seen when it was written down. */
export interface HardwareAssumption {
  /** Its number in docs/hardware-checklist.md, which does not change. */
  readonly id: number;
  readonly assumption: string;
  /** How it is seen. */
  readonly check: string;
  /** What helps where it does not hold; undefined where nothing is known. */
  readonly wayRound: string | undefined;
}

/** The assumptions of docs/hardware-checklist.md, in their order; Markdown, as they are there. */
export const HARDWARE_CHECKLIST: readonly HardwareAssumption[] = [
  {
    id: 1,
    assumption: 'Flashing works with real speeds and stalls (bring-up 3-15 s, eMMC 7-20 MB/s)',
    check: '`turingpi up --node 1 --verbose`, the log beside the state file',
    wayRound: 'stall limits are options of the flash job',
  },
  {
    id: 2,
    assumption: '`power` reads `"0"` within 15 s after a cancelled flash',
    check: 'Ctrl-C during a flash, then `turingpi up` again',
    wayRound: 'run again after a minute',
  },
  {
    id: 3,
    assumption: 'RK1 with Ubuntu 22.04 names its port `eth0`, 24.04 and Debian `end0`',
    check: '`ip link` on the node',
    wayRound: '`workflow.network.interfaceName`',
  },
  {
    id: 4,
    assumption: "The RK1's boot log comes at 115200 baud on the slot's UART",
    check: 'the console lines while a node boots',
    wayRound: '`install.skipBootWait`',
  },
  {
    id: 5,
    assumption: 'The CM4 prints on its UART only with `enable_uart=1` in config.txt',
    check: 'same',
    wayRound: 'same',
  },
  {
    id: 6,
    assumption: 'CM4 storage over USB appears with the vendor `RPi-MSD-` or a Raspberry Pi gadget name',
    check: '`rpiboot` strategy with its dry run',
    wayRound: 'strategy `flash`',
  },
  {
    id: 7,
    assumption: 'Stock images contain neither SSH host keys nor the first user before first boot',
    check: 'log in with your key after `turingpi up`',
    wayRound: undefined,
  },
  {
    id: 8,
    assumption: 'cloud-init of the stock image accepts our NoCloud seed',
    check: '`cloud-init status --long` on the node',
    wayRound: undefined,
  },
  {
    id: 9,
    assumption: 'Boards of revision 2.5 flash the right slot when other modules are blank',
    check: 'power other modules off first',
    wayRound: 'flash one module at a time',
  },
  {
    id: 10,
    assumption:
      "On macOS `diskutil list -plist external physical` shows the CM4's storage as a whole external disk",
    check: '`rpiboot` strategy with its dry run on a Mac',
    wayRound: 'strategy `flash`',
  },
  {
    id: 11,
    assumption: 'The 64-bit mass-storage gadget of `rpiboot` names its eMMC unit `mmcblk0` in the SCSI model',
    check: '`lsblk -o NAME,VENDOR,MODEL` while the module is in USB boot',
    wayRound: 'strategy `flash`',
  },
  {
    id: 12,
    assumption: 'Raspberry Pi OS Trixie enables SSH by `enable_ssh: true` in its seed',
    check: '`systemctl is-enabled ssh` on the node',
    wayRound: "a `run` step, or the image's own `ssh` file",
  },
  {
    id: 13,
    assumption:
      'Raspberry Pi OS does not make new SSH host keys once its `regenerate_ssh_host_keys` unit is off',
    check: "`turingpi up` ends with the node's key verified",
    wayRound: undefined,
  },
  {
    id: 14,
    assumption: 'ifupdown accepts our VLAN stanzas',
    check: '`ip -d link` on the node',
    wayRound: '`workflow.network.interfaceName`',
  },
  {
    id: 15,
    assumption:
      'A foreign transfer that fails at once after taking the slot is reported by the board as a missing module',
    check: 'flash from two programs that do not know of each other',
    wayRound: 'the flash is tried again',
  },
  {
    id: 16,
    assumption:
      'Armbian\'s first-login wizard on the console asks "Create root password", "Repeat root password", and ends with Ctrl-C',
    check: "`firstLogin: { over: 'console' }` on an image without accounts of ours",
    wayRound: '`firstLogin` over SSH, or accounts in the image',
  },
  {
    id: 17,
    assumption:
      "Ubuntu's desktop image for the RK1 starts its setup for new owners through `default.target` → `oem-config.target`",
    check: '`turingpi image info` says `oem-config-wizard`; the node comes up with your user',
    wayRound: 'finish the setup on a screen',
  },
  {
    id: 18,
    assumption:
      'Ubuntu 26.04 for Raspberry Pi boots a CM4 whose EEPROM is of 2022-11-25 or later, and no older one; the module says its date under `/proc/device-tree/chosen/bootloader`',
    check:
      '`od -An -tx1 /proc/device-tree/chosen/bootloader/build-timestamp` on the node; the console of a module with `BOOT_UART=1` while it starts',
    wayRound: '`turingpi up --accept-image-mismatch`',
  },
  {
    id: 19,
    assumption:
      'Firmware of the maintained fork does what was read of it and captured from it ([the list](fork-firmware.md))',
    check: '`turingpi doctor`, then a flash with the other modules off',
    wayRound: "the vendor's firmware",
  },
  {
    id: 20,
    assumption:
      'The boot loaders of RK1 and CM4 images start an installer: their own kernel, device tree and initrd on one FAT partition',
    check: '`install.strategy: network`, with the console of the node in view',
    wayRound: 'strategy `flash`',
  },
  {
    id: 21,
    assumption:
      "The module's own port is `fe1c0000.ethernet` (RK1) or `fd580000.ethernet` (CM4) under `/sys/class/net/*/device`",
    check: '`readlink -f /sys/class/net/*/device` on the node',
    wayRound: 'strategy `flash`',
  },
];
