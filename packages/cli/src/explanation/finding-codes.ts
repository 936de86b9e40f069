import type { ExplainedFamily } from './explanation.js';

/** What `turingpi doctor` finds, good news included. */
export const FINDING_CODES: ExplainedFamily = {
  title: '`turingpi doctor`',
  codes: {
    BMC_ANSWERS: { means: 'the board answers', cure: 'nothing to do' },
    BMC_KEY_TRUSTED: { means: 'its key is the one that was confirmed', cure: 'nothing to do' },
    BMC_LOGIN_WORKS: { means: 'the login is right', cure: 'nothing to do' },
    BMC_API_BUSY: {
      means: 'its API answers nobody while an upload runs',
      cure: 'wait until that is done',
    },
    BMC_API_HELD: {
      means: 'an upload holds the API and does not end: its client is gone',
      cure: 'restart the daemon on the board (`/etc/init.d/S94bmcd restart`), when nobody is flashing',
    },
    BMC_DAEMON_HANGS: {
      means: 'its daemon accepts connections and answers nothing at all',
      cure: 'restart the daemon on the board (`/etc/init.d/S94bmcd restart`), or switch the board off and on',
    },
    BMC_FIRMWARE: { means: 'which firmware runs', cure: 'nothing to do' },
    BMC_FIRMWARE_OLD: {
      means: 'the firmware knows no xz, no SHA-256 and no downloads',
      cure: 'firmware 2.1.0 or newer checks what it receives: `turingpi board firmware FILE.tpu`',
    },
    BMC_FIRMWARE_UNKNOWN: {
      means: 'the firmware is none whose behaviour is known; it is used as the nearest known one',
      cure: 'report what differs; firmware 2.1.0 and newer is best known',
    },
    BMC_FIRMWARE_REFUSES_RK1: {
      means: 'this firmware cannot flash an RK1 on boards from v2.5 on',
      cure: 'upgrade the firmware of the board to v2.24.0 or newer',
    },
    BMC_TRANSFER_NONE: { means: 'no transfer runs', cure: 'nothing to do' },
    BMC_TRANSFER_RUNNING: {
      means: 'a transfer runs: ours, of another client, or of a run that has ended',
      cure: 'wait for it; running the same command again follows one of ours to its end',
    },
    BMC_TRANSFER_FAILED: {
      means: 'the last transfer failed; the text of the board says why',
      cure: 'flash that node again',
    },
    BMC_TRANSFER_UNFINISHED: {
      means: 'a flash that this computer began was not finished',
      cure: 'flash that node again: its storage may hold a part of the image',
    },
    BMC_NODE_IN_USB_BOOT: {
      means: 'a node is on and shows no system: it may be in USB boot',
      cure: '`turingpi doctor --fix --node N` switches it off',
    },
    BMC_USB_MODE: { means: 'what the USB of the board is connected to', cure: 'nothing to do' },
    BMC_USB_MODE_FLASH: {
      means: 'the stored USB mode of a node is `flash`: it does not boot from its storage',
      cure: '`turingpi node usb device --node N`, or `turingpi doctor --fix`',
    },
    BMC_USB_NODE1_ON_PORT: {
      means: 'the USB of node 1 leads to the USB-A port, where the board cannot flash it',
      cure: '`turingpi node flash` and `turingpi up` lead it to the board while they flash; other programs do not',
    },
    BMC_CLOCK: { means: 'its clock is right', cure: 'nothing to do' },
    BMC_CLOCK_WRONG: {
      means: 'its clock is wrong, so that its own downloads over HTTPS fail',
      cure: 'let the board reach a time server; uploads do not mind',
    },
    BMC_SDCARD: { means: 'a microSD card is mounted', cure: 'nothing to do' },
    BMC_SDCARD_ABSENT: {
      means: 'no microSD card is in the board',
      cure: 'nothing to do, unless you want one',
    },
    BMC_SDCARD_NOT_MOUNTED: {
      means: 'a microSD card is in the board, and not mounted',
      cure: 'mount it on the board at /mnt/sdcard, with FAT32, exFAT or ext4',
    },
    NODE_MODULE: {
      means: 'which module a node is, by the configuration and by what somebody noted on the board',
      cure: 'nothing to do, unless they differ',
    },
    NODE_BOOT: {
      means:
        'what the serial console of a node still has of its last start: its boot loader, and an NVMe that it would start',
      cure: 'where a system of the NVMe starts first, install to that: `install.target`',
    },
    NODE_ROUTE: {
      means: 'under which address a node sees this computer, or that there is no route to it',
      cure: 'connect this computer to the network of the nodes, or correct the address',
    },
    NODE_FIREWALL: {
      means:
        'whether a firewall of this computer turns a node away that pulls its system from here (strategy `network`)',
      cure: 'the command of the finding lets that node in; without that strategy nothing is to be done',
    },
    LOCAL_CONFIGURATION: {
      means: 'something in the configuration is wrong',
      cure: 'correct the place that is named; `turingpi validate` says this alone',
    },
    LOCAL_RECORDS: {
      means: 'what is on record of a node is not whole, or does not fit together',
      cure: '`turingpi explain` with the code in the hint says what to do',
    },
    LOCAL_CACHE: {
      means: 'a file in the cache is damaged, or may be read by others',
      cure: '`turingpi doctor --cache --fix`',
    },
    LOCAL_LEFTOVERS: {
      means: 'runs that were killed left files, mounts or containers on this computer',
      cure: '`turingpi doctor --fix` removes them',
    },
  },
};
