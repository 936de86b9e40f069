import type { ExplainedFamily } from './explanation.js';

/** Writing a node's storage through the board: `packages/bmc`. */
export const FLASH_CODES: ExplainedFamily = {
  title: 'flashing',
  codes: {
    BMC_FLASH_FAILED: {
      means: "the board's own error text, which is in the message, is none that is known",
      cure: 'try again; if it stays, `turingpi doctor`',
    },
    BMC_FLASH_BUSY: {
      means: 'another transfer runs on the board; a second one would destroy it',
      cure: 'wait until it is done; `--wait` does that, where a command has it',
    },
    BMC_FLASH_SUPERSEDED: {
      means: 'another client started a transfer and ended ours by that',
      cure: 'see that one program at a time flashes this board, and flash again',
    },
    BMC_FLASH_STALLED: {
      means: 'the transfer stood still for too long',
      cure: 'check network and module, and try again',
    },
    BMC_FLASH_INTERRUPTED: {
      means: 'the connection broke during the transfer',
      cure: 'check the network of the board; it may also be out of memory: try again',
    },
    BMC_FLASH_UNVERIFIED: {
      means: 'nothing proves that the transfer came to a good end',
      cure: 'flash again: what is on the storage is not known',
    },
    BMC_FLASH_UNWATCHED: {
      means:
        'the board has made itself a new key in the middle of the flash, and nothing is sent to it before that is trusted',
      cure: 'leave the node as it is, confirm the key with `turingpi board trust`, and run the same command again: it finds out what became of the flash',
    },
    BMC_FLASH_BMC_RESTARTED: {
      means: "the board's daemon restarted during the transfer, often for lack of memory",
      cure: '`turingpi board reboot`, then flash again',
    },
    BMC_FLASH_IMAGE_UNUSABLE: {
      means: 'the image cannot be sent: empty, not whole, or with a name that the board does not take',
      cure: 'check the file, and give it a plain name',
    },
    BMC_FLASH_OTHER_NODES_ON: {
      means: 'another module is on, shows no system, and could be taken for the target',
      cure: 'switch that node off with `turingpi node power off --node N`, or see that its system answers',
    },
    BMC_FLASH_TARGET_UNPROVEN: {
      means: 'another module than the target may have been written',
      cure: 'switch the named node off, flash again, and look at what its storage holds',
    },
    BMC_FLASH_LOCKED: {
      means: 'the lock that keeps our own runs apart cannot be made',
      cure: "see that the user's cache directory can be written",
    },
    BMC_FLASH_MODULE_NOT_FOUND: {
      means: 'no module came up in USB boot in that slot',
      cure: 'check that an RK1, or a CM4 with eMMC, is seated there; then switch the whole board off and on once',
    },
    BMC_FLASH_STORAGE_NOT_FOUND: {
      means: 'the module started in USB boot, but showed no storage in time',
      cure: 'check that it has eMMC; then switch the whole board off and on once',
    },
    BMC_FLASH_SEVERAL_MODULES: {
      means: 'two modules offer their storage at once',
      cure: 'switch the other nodes off and try again',
    },
    BMC_FLASH_OTHER_PORT: {
      means: 'a module of another slot is in USB boot, and none of this one',
      cure: 'switch that node off, and see that a module is seated in this slot',
    },
    BMC_FLASH_FIRMWARE_FAULT: {
      means: 'this firmware refuses every RK1 on boards from v2.5 on; nothing was changed',
      cure: 'upgrade the firmware of the board to v2.24.0 or newer',
    },
    BMC_FLASH_RPIBOOT_FAILED: {
      means: 'the module did not accept the boot files',
      cure: 'check how it is seated; then switch the whole board off and on once',
    },
    BMC_FLASH_USB_FAILED: {
      means: 'the USB controller of the board failed',
      cure: 'switch the whole board off and on',
    },
    BMC_FLASH_READBACK_MISMATCH: {
      means: 'what was read back differs from what was written',
      cure: 'try once more; the storage may be worn out',
    },
    BMC_FLASH_CHECKSUM_MISMATCH: {
      means: 'the bytes that arrived have another SHA-256',
      cure: 'try once more; the image file may have changed meanwhile',
    },
    BMC_FLASH_XZ_MEMORY: {
      means: 'the board has too little free memory for the dictionary of this `.xz`',
      cure: 'pack it with `xz -3`, or `turingpi board reboot` and try again',
    },
    BMC_FLASH_XZ_TRUNCATED: {
      means: 'the `.xz` ended too early',
      cure: 'check the image with `xz -t`, and make or download it again',
    },
    BMC_FLASH_XZ_INVALID: {
      means: 'the board cannot decode the `.xz`',
      cure: 'check the image with `xz -t`, and make or download it again',
    },
    BMC_FLASH_NO_SPACE: {
      means: "the image is larger than the module's storage",
      cure: 'take a smaller image',
    },
    BMC_FLASH_IO_ERROR: {
      means: 'writing to, or reading from, the module failed',
      cure: 'check how it is seated; then switch the whole board off and on once',
    },
    BMC_FLASH_SEND_TIMEOUT: {
      means: 'the upload did not begin within ten seconds',
      cure: 'try again',
    },
    BMC_FLASH_CANCELLED: {
      means: 'the transfer was cancelled on the board',
      cure: 'flash again; another client may have done it',
    },
    BMC_FLASH_LENGTH_MISMATCH: {
      means: 'the upload had another length than announced',
      cure: 'flash again when nothing writes the image file any more',
    },
    BMC_FLASH_FORM_REFUSED: {
      means: 'something between here and the board changed the upload',
      cure: 'reach the board without a proxy',
    },
    BMC_FLASH_STATE_REFUSED: {
      means: 'the transfer had ended on the board already',
      cure: 'wait ten seconds and try again',
    },
    BMC_FLASH_FILE_UNUSABLE: {
      means: 'the board has no such file to flash from',
      cure: 'give the absolute path of a file on the board, for example below /mnt/sdcard',
    },
    BMC_FLASH_URL_FAILED: {
      means: 'the board could not download the image',
      cure: 'its clock and name resolution must be right, and the server must tell the length',
    },
  },
};
