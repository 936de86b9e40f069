/** What is known when the kernel starts. */
export interface BootFacts {
  readonly slot: number;
  readonly boardType: string;
  readonly rootLabel: string;
  readonly partitions: number;
}

/** Lines of boot loader and kernel, as a serial console shows them; the first one says that this is a simulation. */
export function bootLoaderLog({ slot, boardType, rootLabel }: BootFacts): string[] {
  return [
    `[virtual board] node ${slot} (${boardType}): simulated boot, no kernel runs`,
    '',
    'U-Boot SPL 2024.01-simulated',
    'Trying to boot from MMC1',
    'U-Boot 2024.01-simulated',
    'Hit any key to stop autoboot:  0',
    'Scanning mmc 0...',
    'Starting kernel ...',
    '',
    '[    0.000000] Booting Linux on physical CPU 0x0000000000',
    '[    0.000000] Linux version 0.0.0-simulated',
    '[    1.204311] mmcblk0: mmc0:0001 simulated eMMC',
    `[    1.310022] EXT4-fs (mmcblk0): mounted filesystem "${rootLabel}" with ordered data mode`,
    '[    1.402215] Run /sbin/init as init process',
    '[    1.633870] systemd[1]: systemd running in system mode',
  ];
}

/** What systemd prints about a unit that it has started. */
export function startedLine(description: string): string {
  return `[  OK  ] Started ${description}.`;
}

/** The end of cloud-init, worded as its final message. */
export function cloudInitFinished(detail: string, seconds: number): string {
  return `[   ${seconds.toFixed(6)}] cloud-init: Cloud-init v. simulated finished. Datasource: ${detail}. Up ${seconds.toFixed(2)} seconds`;
}

/** The prompt of the serial console. */
export function loginPrompt(issue: string, hostname: string): string {
  return `\r\n${issue} ${hostname} ttyS0\r\n\r\n${hostname} login: `;
}
