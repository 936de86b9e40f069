import { docsPage } from '@turingpi/foundation';
import type { ExplainedFamily } from './explanation.js';

/** What this computer does itself: USB boot, Docker, emulation, the page of a run, suites of plugins. */
export const COMPUTER_CODES: ExplainedFamily = {
  title: 'this computer',
  codes: {
    CM4_PLATFORM_UNSUPPORTED: {
      means: 'this system cannot install over USB with rpiboot',
      cure: 'use the strategy `flash`, or Linux or macOS',
    },
    CM4_RPIBOOT_MISSING: {
      means: 'there is no program rpiboot',
      cure: 'install it (Debian and Ubuntu: `rpiboot`), or use the strategy `flash`',
    },
    CM4_RPIBOOT_FAILED: {
      means: 'rpiboot failed, or the module did not answer it in time',
      cure: 'check the cable (USB A to A up to v2.4, USB-C on v2.5) and the rights to USB',
    },
    CM4_DEVICE_LIST_FAILED: {
      means: 'the disks of this computer cannot be listed',
      cure: 'it is done with `lsblk` on Linux and `diskutil` on macOS',
    },
    CM4_DEVICE_NOT_FOUND: {
      means: 'the storage of the module did not appear',
      cure: 'check the cable, and that the module has eMMC (a CM4 Lite has none)',
    },
    CM4_DEVICE_AMBIGUOUS: {
      means: 'several disks could be the module; nothing was written',
      cure: 'unplug other modules and disks, and switch other nodes off',
    },
    CM4_DEVICE_IN_USE: {
      means: "the module's storage is mounted or in use",
      cure: 'unmount it, and keep the desktop from mounting it again',
    },
    CM4_DEVICE_TOO_SMALL: {
      means: "the image is larger than the module's storage; nothing was written",
      cure: 'take a smaller image',
    },
    CM4_WRITE_FAILED: { means: 'writing to the module failed', cure: 'check cable and port, and try again' },
    CM4_VERIFY_FAILED: {
      means: 'what was read back is not what was written',
      cure: 'the storage, the cable or the port is bad: try others',
    },
    INSTALLER_BASE_UNSUPPORTED: {
      means: 'no installer for the network can be made of the base image: the message says what it lacks',
      cure: 'use the strategy `flash`, which writes the whole image through the BMC',
    },
    INSTALLER_PROGRAM_MISSING: {
      means: 'the base image lacks programs, libraries or drivers that pulling an image needs',
      cure: 'use the strategy `flash`, or a base image that has what the message names',
    },
    INSTALLER_TOO_LARGE: {
      means: 'kernel, initrd and what else the base image needs to boot are too large for an installer',
      cure: 'use the strategy `flash`',
    },
    INSTALLER_NO_ROUTE: {
      means: 'this computer has no route to the node, so that the node could not reach it either',
      cure: 'connect this computer to the network of the nodes, or use the strategy `flash`',
    },
    INSTALLER_FAILED: {
      means: 'the installer on the node gave up, and said why',
      cure: 'look at its serial console, where it left a shell: `turingpi node uart`; or use the strategy `flash`',
    },
    INSTALLER_UNSEEN: {
      means:
        'the installer was not seen on the node, and what was to be written is not its eMMC: nothing was written instead',
      cure: 'look at its serial console, and at the firewall of this computer; the eMMC holds the installer by now',
    },
    INSTALLER_DISK_NOT_APPROVED: {
      means: 'the NVMe of a node is not empty, or is not the one that was named; it was not touched',
      cure: 'name it with the serial number of the message: `install.target: nvme:SERIAL`',
    },
    INSTALLER_STALLED: {
      means: 'the installer was seen on the node, and then nothing was heard of it for a long time',
      cure: 'look at its serial console and at the cable, and run again; or use the strategy `flash`',
    },
    DOCKER_NOT_INSTALLED: {
      means: 'no daemon answers, and there is no `docker` program',
      cure: '`sudo apt install docker.io`; Docker Desktop on macOS and Windows',
    },
    DOCKER_DAEMON_DOWN: {
      means: 'it is installed, and does not run or answer',
      cure: '`sudo systemctl start docker`, or start Docker Desktop',
    },
    DOCKER_UNREACHABLE: {
      means: 'a Docker elsewhere does not answer: wrong address, no network',
      cure: 'check the variable DOCKER_HOST and the network, or unset it',
    },
    DOCKER_PERMISSION: {
      means: 'you may not use its socket',
      cure: '`sudo usermod -aG docker $USER` and log in again; group `docker-users` on Windows',
    },
    DOCKER_IMAGE_MISSING: {
      means: "it does not have the container's image, which is never pulled by itself",
      cure: '`docker pull` it, bring it with `docker save` and `docker load`, or name one with `--docker-image`',
    },
    DOCKER_CONTAINER_FAILED: {
      means: 'the daemon refused the container, or it ended too early',
      cure: 'see that mounts and loop devices are allowed, or use another backend',
    },
    MACHINE_QEMU_MISSING: {
      means: 'nodes of depth `qemu` need an emulator, or its boot loader, that is not installed',
      cure: 'install QEMU, for 64-bit ARM with U-Boot (Debian: `u-boot-qemu`), or use depth `shell`',
    },
    MACHINE_NOT_BOOTABLE: {
      means: 'nothing on the storage of a simulated node can be started by an emulated machine',
      cure: 'use depth `shell` for images of the boards themselves',
    },
    MACHINE_QEMU_FAILED: { means: 'the emulator ended at once', cure: 'the message has what it said' },
    DASHBOARD_PAGE_MISSING: {
      means: 'the page is not built',
      cure: 'in a clone, `npm run build:page`; an installed package has it',
    },
    DASHBOARD_PORT_TAKEN: {
      means: 'somebody listens on that port of this computer',
      cure: 'take another port',
    },
    DASHBOARD_LISTEN_FAILED: {
      means: 'the system does not let us listen on that port',
      cure: 'take another port; those below 1024 need more rights',
    },
    CONFORMANCE_USAGE: {
      means: 'the command line of `turingpi-conformance` is wrong',
      cure: '`turingpi-conformance --help`',
    },
    CONFORMANCE_SUBJECT_MISSING: {
      means: 'a plugin does not say what one of its contributions is tested on',
      cure: 'name a module under `turingpi.conformance` in its package.json',
    },
    CONFORMANCE_SUBJECT_INVALID: {
      means: 'what a plugin says about its tests cannot be used',
      cure: `see "Testing it" in ${docsPage('writing-a-plugin')}`,
    },
    CONFORMANCE_CASE_TIMEOUT: {
      means: 'a case of a suite did not end: what it waits for does not come',
      cure: 'run the suite from a test to look into it',
    },
  },
};
