import { expect, it } from 'vitest';
import { readBootReport } from './boot-report.js';

/** As U-Boot 2023.01 prints it on an emulated machine with 64-bit ARM. */
const NVME = `

U-Boot 2023.01+dfsg-2+deb12u1 (Jan 09 2023 - 16:07:33 +0000)

Hit any key to stop autoboot:  2 \b\b\b 1 \b\b\b 0
** No partition table - virtio 0 **
Couldn't find partition virtio 0:1

Device 0: Vendor: 0x1b36 Rev: 7.2.22   Prod: TPNVME1
            Type: Hard Disk
            Capacity: 900.0 MB = 0.8 GB (1843200 x 512)
... is now current device
Scanning nvme 0:1...
Found /boot/extlinux/extlinux.conf
Retrieving file: /boot/extlinux/extlinux.conf
Starting kernel ...

[    2.913412]  nvme0n1: p1 p2
`.replaceAll('\n', '\r\n');
const EMMC = 'U-Boot 2024.01 (May)\r\nScanning mmc 0:1...\r\nFound U-Boot script /boot.scr\r\n';

it('tells which boot loader began, and that it starts a system of the NVMe', () => {
  expect(readBootReport(`the last start\r\n${EMMC}${NVME}`)).toEqual({
    bootLoader: '2023.01+dfsg-2+deb12u1',
    nvme: 'TPNVME1',
    nvmeIsBootable: true,
    nvmePartitions: 'p1 p2',
  });
});

it('tells of the last start alone', () => {
  expect(readBootReport(NVME + EMMC)).toEqual({ bootLoader: '2024.01', nvmeIsBootable: false });
  expect(readBootReport('')).toEqual({ nvmeIsBootable: false });
});
