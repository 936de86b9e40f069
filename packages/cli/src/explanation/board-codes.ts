import type { ExplainedFamily } from './explanation.js';

/** Reaching the board and asking it: `packages/bmc`. */
export const BOARD_CODES: ExplainedFamily = {
  title: 'the board',
  codes: {
    BMC_UNREACHABLE: {
      means: 'nothing answers at the address of the board',
      cure: 'check address, port, power and network; `turingpi doctor` looks further',
    },
    BMC_CONNECTION_LOST: {
      means: 'the board answered, and the connection broke',
      cure: 'its daemon may have been restarted or be out of memory: try again',
    },
    BMC_BUSY: {
      means: 'it accepts connections and answers nothing, as while somebody uploads',
      cure: '`turingpi doctor` says who has it, and for how long',
    },
    BMC_UNTRUSTED: {
      means: 'the key of the board was never confirmed on this computer',
      cure: 'compare it with what the board itself says, then `turingpi board trust`',
    },
    BMC_CERTIFICATE_CHANGED: {
      means: 'it shows another key than the one that was confirmed',
      cure: 'somebody may be in between; when the board was reset or replaced, confirm it with `turingpi board trust`',
    },
    BMC_TRUST_STORE_UNREADABLE: {
      means: 'the file of confirmed keys is damaged, or others can write to it; it is never overwritten',
      cure: 'do what the message says, or move it away and confirm the board again with `turingpi board trust`',
    },
    BMC_TRUST_STORE_UNWRITABLE: {
      means: 'the key that was confirmed cannot be remembered: the folder of the file cannot be written to',
      cure: 'make it writable for you, or name the key in the configuration as `bmc.publicKeyPin`',
    },
    BMC_AUTH_REFUSED: {
      means: 'user name or password of the board controller are wrong',
      cure: 'check the user and the password, `bmc.username` and `bmc.password` of a configuration: it is the account of the BMC, not of a node',
    },
    BMC_BANNED: {
      means: 'too many failed logins came from this computer; the message says until when the ban lasts',
      cure: 'wait until then, and correct the password before you try again',
    },
    BMC_PASSWORD_MISSING: {
      means: 'there is no password to log in to the board with',
      cure: 'set `bmc.password`, for example to `{ env: TPI_PASSWORD }`',
    },
    BMC_FACTORY_PASSWORD: {
      means: 'the firmware serves nothing until the password that it was shipped with is changed',
      cure: '`turingpi board password` changes it, for SSH as well',
    },
    BMC_PASSWORD_REFUSED: {
      means: 'the board does not take the new password',
      cure: 'take one of at least 12 characters that is not the one in use',
    },
    BMC_PROTOCOL: {
      means: 'an answer that no known firmware gives',
      cure: 'check that a Turing Pi has this address; if so, report it with the firmware version',
    },
    BMC_NOT_SUPPORTED: {
      means: 'this firmware has no such function',
      cure: 'a newer firmware may have it; `turingpi board info` shows which one runs',
    },
    BMC_REQUEST_REFUSED: {
      means: 'the board refused a request; its reason is in the message',
      cure: 'see the message; `turingpi board info` shows the firmware version',
    },
    BMC_INTERNAL_ERROR: {
      means: 'the board failed at a request; its own words are in the message',
      cure: 'try again; if it stays, `turingpi board reboot`',
    },
    BMC_SDCARD_UNAVAILABLE: {
      means: 'there is no microSD card in the board, or it is not mounted',
      cure: 'put one in, with a filesystem that the board knows (FAT32, exFAT or ext4)',
    },
    BMC_USB_HOST_UNSUPPORTED: {
      means: 'boards from v2.5 on have a USB hub, and no mode `host`',
      cure: 'use `device` or `flash`',
    },
    BMC_COOLING_REFUSED: {
      means: 'there is no such fan, or no such speed',
      cure: '`turingpi board cooling` lists the fans with their speeds',
    },
    BMC_CONSOLE_UNAVAILABLE: {
      means: 'the board does not read this serial line',
      cure: 'restarting its daemon helps; nodes may be switched off and on by that',
    },
    BMC_FIRMWARE_FAILED: {
      means: 'the file is no firmware for this board, or too large for it',
      cure: 'give the `.tpu` file for this board',
    },
    BMC_FIRMWARE_STAGED: {
      means: 'firmware waits for the next restart already',
      cure: '`turingpi board reboot` takes it; `turingpi board firmware --replace-staged` puts another in its place',
    },
  },
};
